// The truth of LayerNorm, float64.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';
import type { LayerNormAttrs } from './layerNorm';

/** (x − mean) / √(variance + eps), and 1/√(variance + eps) of every row. */
function normalised(x: FloatTensor, eps: number): { hat: FloatTensor; inverse: Float64Array } {
  const [rows, width] = x.shape;
  const [hat, inverse] = [floats(x.shape), new Float64Array(rows)];
  for (let n = 0; n < rows; n++) {
    const row = x.data.subarray(n * width, (n + 1) * width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    inverse[n] = 1 / Math.sqrt(variance + eps);
    row.forEach((value, d) => {
      hat.data[n * width + d] = (value - mean) * inverse[n];
    });
  }
  return { hat, inverse };
}

export function referenceLayerNorm(x: FloatTensor, weight: FloatTensor, bias: FloatTensor, eps: number): FloatTensor {
  const width = x.shape[1];
  return floats(
    x.shape,
    normalised(x, eps).hat.data.map((value, i) => weight.data[i % width] * value + bias.data[i % width]),
  );
}

/** With g = dy·weight: dx = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + eps). */
function referenceGradInput(x: FloatTensor, weight: FloatTensor, dy: FloatTensor, eps: number): FloatTensor {
  const [rows, width] = x.shape;
  const { hat, inverse } = normalised(x, eps);
  const dx = floats(x.shape);
  for (let n = 0; n < rows; n++) {
    let [plain, along] = [0, 0];
    for (let d = 0; d < width; d++) {
      const g = dy.data[n * width + d] * weight.data[d];
      plain += g / width;
      along += (g * hat.data[n * width + d]) / width;
    }
    for (let d = 0; d < width; d++) {
      const i = n * width + d;
      dx.data[i] = inverse[n] * (dy.data[i] * weight.data[d] - plain - hat.data[i] * along);
    }
  }
  return dx;
}

function referenceGradWeight(x: FloatTensor, dy: FloatTensor, eps: number): FloatTensor {
  const width = x.shape[1];
  const { hat } = normalised(x, eps);
  const dWeight = floats([width]);
  dy.data.forEach((value, i) => {
    dWeight.data[i % width] += value * hat.data[i];
  });
  return dWeight;
}

registerCpuKernel<LayerNormAttrs>('LayerNorm', ({ f }, { eps }) =>
  referenceLayerNorm(f('x'), f('weight'), f('bias'), eps),
);
registerCpuKernel<LayerNormAttrs>('LayerNormGradInput', ({ f }, { eps }) =>
  referenceGradInput(f('x'), f('weight'), f('dy'), eps),
);
registerCpuKernel<LayerNormAttrs>('LayerNormGradWeight', ({ f }, { eps }) => referenceGradWeight(f('x'), f('dy'), eps));
