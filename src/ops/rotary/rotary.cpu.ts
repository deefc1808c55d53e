// The truth of the rotary embedding, float64.
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';
import type { RotaryAttrs } from './rotary';

export function referenceRotary(
  x: FloatTensor,
  positions: IndexTensor,
  cos: FloatTensor,
  sin: FloatTensor,
  { heads, inverse }: RotaryAttrs,
): FloatTensor {
  const [rows, width] = x.shape;
  const half = cos.shape[1];
  const headDim = width / heads;
  const y = floats(x.shape, x.data); // dimensions beyond 2·half pass through
  for (let n = 0; n < rows; n++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < half; i++) {
        const angle = positions.data[n] * half + i;
        const c = cos.data[angle];
        const s = inverse ? -sin.data[angle] : sin.data[angle];
        const first = n * width + h * headDim + i;
        const second = first + half;
        y.data[first] = x.data[first] * c - x.data[second] * s;
        y.data[second] = x.data[second] * c + x.data[first] * s;
      }
    }
  }
  return y;
}

registerCpuKernel<RotaryAttrs>('Rotary', (inputs, attrs) =>
  referenceRotary(inputs.f('x'), inputs.i('positions'), inputs.f('cos'), inputs.f('sin'), attrs),
);
