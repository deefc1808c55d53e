// The truth of RMSNorm, float64.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';

/** 1 / sqrt(mean(x²) + eps) of every row. */
function inverseRms(x: FloatTensor, eps: number): Float64Array {
  const [rows, width] = x.shape;
  const result = new Float64Array(rows);
  for (let n = 0; n < rows; n++) {
    let squares = 0;
    for (let d = 0; d < width; d++) squares += x.data[n * width + d] ** 2;
    result[n] = 1 / Math.sqrt(squares / width + eps);
  }
  return result;
}

export function referenceRmsNorm(x: FloatTensor, weight: FloatTensor, eps: number): FloatTensor {
  const width = x.shape[1];
  const inverse = inverseRms(x, eps);
  return floats(
    x.shape,
    x.data.map((value, i) => weight.data[i % width] * value * inverse[Math.floor(i / width)]),
  );
}

/** With r = 1/rms and g = dy·weight: dx = r·g − x·r³·mean(g·x). */
function referenceRmsNormGradInput(x: FloatTensor, weight: FloatTensor, dy: FloatTensor, eps: number): FloatTensor {
  const [rows, width] = x.shape;
  const inverse = inverseRms(x, eps);
  const dx = floats(x.shape);
  for (let n = 0; n < rows; n++) {
    const r = inverse[n];
    let dot = 0;
    for (let d = 0; d < width; d++) dot += dy.data[n * width + d] * weight.data[d] * x.data[n * width + d];
    for (let d = 0; d < width; d++) {
      const i = n * width + d;
      dx.data[i] = r * dy.data[i] * weight.data[d] - x.data[i] * r ** 3 * (dot / width);
    }
  }
  return dx;
}

function referenceRmsNormGradWeight(x: FloatTensor, dy: FloatTensor, eps: number): FloatTensor {
  const width = x.shape[1];
  const inverse = inverseRms(x, eps);
  const dWeight = floats([width]);
  x.data.forEach((value, i) => {
    dWeight.data[i % width] += dy.data[i] * value * inverse[Math.floor(i / width)];
  });
  return dWeight;
}

interface Attrs {
  eps: number;
}
registerCpuKernel<Attrs>('RmsNorm', (inputs, { eps }) => referenceRmsNorm(inputs.f('x'), inputs.f('weight'), eps));
registerCpuKernel<Attrs>('RmsNormGradInput', (inputs, { eps }) =>
  referenceRmsNormGradInput(inputs.f('x'), inputs.f('weight'), inputs.f('dy'), eps),
);
registerCpuKernel<Attrs>('RmsNormGradWeight', (inputs, { eps }) =>
  referenceRmsNormGradWeight(inputs.f('x'), inputs.f('dy'), eps),
);
