// tfjs' own gradients (Sum, Multiply, Slice, …): tfjs-core registers none by itself, and the file that does cannot be
// loaded by Node as it stands. So Node takes them from the union package; in the page's bundle vite.config.ts maps that
// name to the one file meant, because the union also carries layers, converters and WebGL.
// Every register*.ts imports this first; our fused ops register their gradients in their own x.ts.
import '@tensorflow/tfjs';
