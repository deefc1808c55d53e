// x + y of the same shape, the sum at the end of every half of a block. tfjs' own `add` keeps both terms for its gradient, in case
// they had been broadcast; here nothing is kept. It saves memory: 2·D floats per position and layer, an eighth of what a Llama block
// keeps for the backward pass (docs/performance.md). Kernel `Residual` {x, y} on every backend; the same bits as `add`.
import { engine, registerGradient, type Tensor } from '@tensorflow/tfjs-core';

export function residual<T extends Tensor>(x: T, y: T): T {
  if (x.shape.join() !== y.shape.join()) {
    throw new RangeError(`residual: expected two tensors of the same shape, got [${x.shape}] and [${y.shape}].`);
  }
  return engine().runKernel('Residual', { x, y }) as T;
}

registerGradient({
  kernelName: 'Residual',
  gradFunc: (dy) => ({ x: () => dy as Tensor, y: () => (dy as Tensor).clone() }),
});
