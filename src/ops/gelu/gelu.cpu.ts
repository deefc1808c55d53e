// The truth of GELU, float64.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';
import type { GeluAttrs, GeluForm } from './gelu';

/** √(2/π) */
const ROOT = Math.sqrt(2 / Math.PI);

/** erfc by its series near 0 and its continued fraction (Lentz) far out: float64 to about 1e-15. */
function erfc(z: number): number {
  if (z < 0) return 2 - erfc(-z);
  if (z < 2) {
    let [term, total] = [z, z];
    for (let n = 1; n < 60; n++) {
      term *= (-z * z) / n;
      total += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * total;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction);
}

/** Φ(x) or its stand-in, and its derivative. */
function distribution(x: number, form: GeluForm): [value: number, slope: number] {
  if (form === 'erf') return [erfc(-x / Math.SQRT2) / 2, Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)];
  const sigma = 1 / (1 + Math.exp(-2 * ROOT * (x + 0.044715 * x ** 3)));
  return [sigma, sigma * (1 - sigma) * 2 * ROOT * (1 + 3 * 0.044715 * x * x)];
}

export function referenceGelu(x: FloatTensor, form: GeluForm): FloatTensor {
  return floats(
    x.shape,
    x.data.map((value) => value * distribution(value, form)[0]),
  );
}

export function referenceGeglu(gate: FloatTensor, up: FloatTensor, form: GeluForm): FloatTensor {
  return floats(
    gate.shape,
    referenceGelu(gate, form).data.map((value, i) => value * up.data[i]),
  );
}

/** (x·Φ)' = Φ + x·Φ' */
function referenceGeluGrad(x: FloatTensor, dy: FloatTensor, form: GeluForm): FloatTensor {
  return floats(
    x.shape,
    x.data.map((value, i) => {
      const [phi, slope] = distribution(value, form);
      return dy.data[i] * (phi + value * slope);
    }),
  );
}

/** @returns [dgate, dup] */
function referenceGegluGrad(gate: FloatTensor, up: FloatTensor, dy: FloatTensor, form: GeluForm): FloatTensor[] {
  const times = (other: FloatTensor) =>
    floats(
      dy.shape,
      dy.data.map((value, i) => value * other.data[i]),
    );
  return [referenceGeluGrad(gate, times(up), form), times(referenceGelu(gate, form))];
}

registerCpuKernel<GeluAttrs>('Gelu', ({ f }, { form }) => referenceGelu(f('x'), form));
registerCpuKernel<GeluAttrs>('GeluGrad', ({ f }, { form }) => referenceGeluGrad(f('x'), f('dy'), form));
registerCpuKernel<GeluAttrs>('GeGlu', ({ f }, { form }) => referenceGeglu(f('gate'), f('up'), form));
registerCpuKernel<GeluAttrs>('GeGluGrad', ({ f }, { form }) => referenceGegluGrad(f('gate'), f('up'), f('dy'), form));
