// Rotary embedding for `webgpu`: one thread per element; dimensions beyond 2·half pass through.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram } from '../../backend/webgpu/gpuProgram';
import type { RotaryAttrs } from './rotary';

const program = defineProgram('Rotary', () => ({
  storage: { x: 'f32', positions: 'i32', cosines: 'f32', sines: 'f32', y: 'f32 out' },
  // direction: 1, or −1 for the inverse rotation
  parameters: { size: 'u32', width: 'u32', headDim: 'u32', half: 'u32', direction: 'f32' },
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    let d = i % params.headDim;
    let row = u32(positions[i / params.width]) * params.half;
    if (d < params.half) {
      y[i] = x[i] * cosines[row + d] - x[i + params.half] * params.direction * sines[row + d];
    } else if (d < 2u * params.half) {
      let pair = row + d - params.half;
      y[i] = x[i] * cosines[pair] + x[i - params.half] * params.direction * sines[pair];
    } else {
      y[i] = x[i];
    }
  }`,
}));

registerGpuKernel<RotaryAttrs>('Rotary', (backend, { x, positions, cos, sin }, { heads, inverse }) => {
  const [rows, width] = x.shape;
  const y = backend.output(x.shape);
  backend.run(
    program,
    [x, positions, cos, sin, y],
    { size: rows * width, width, headDim: width / heads, half: cos.shape[1], direction: inverse ? -1 : 1 },
    Math.ceil((rows * width) / 64),
  );
  return y;
});
