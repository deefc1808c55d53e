// The truth of AdamW over a list of tensors, float64, in place.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';
import type { AdamWAttrs } from './adamW';

/** Changes params, m and v. @returns [gradNorm, clipFactor]; the factor is 0 when the norm is not finite (nothing changes) */
export function referenceAdamW(
  params: FloatTensor[],
  grads: FloatTensor[],
  m: FloatTensor[],
  v: FloatTensor[],
  attrs: AdamWAttrs,
): FloatTensor {
  const { learningRate, beta1, beta2, eps, weightDecay, maxNorm, step } = attrs;
  let squares = 0;
  for (const grad of grads) for (const g of grad.data) squares += g * g;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return floats([2], [norm, 0]);
  const clip = maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
  params.forEach((param, index) => {
    const [p, g, m1, v2] = [param.data, grads[index].data, m[index].data, v[index].data];
    for (let i = 0; i < p.length; i++) {
      const gradient = g[i] * clip;
      m1[i] = beta1 * m1[i] + (1 - beta1) * gradient;
      v2[i] = beta2 * v2[i] + (1 - beta2) * gradient * gradient;
      const mHat = m1[i] / (1 - beta1 ** step);
      const vHat = v2[i] / (1 - beta2 ** step);
      p[i] -= learningRate * weightDecay * p[i];
      p[i] -= (learningRate * mHat) / (Math.sqrt(vHat) + eps);
    }
  });
  return floats([2], [norm, clip]);
}

/** Inputs come as one list: params, grads, m, v. */
const quarter = <T>(all: T[], index: number) => all.slice((index * all.length) / 4, ((index + 1) * all.length) / 4);

registerCpuKernel<AdamWAttrs>(
  'AdamW',
  ({ f, names }, attrs) => {
    const all = names.map(f);
    return referenceAdamW(quarter(all, 0), quarter(all, 1), quarter(all, 2), quarter(all, 3), attrs);
  },
  (names) => [...quarter(names, 0), ...quarter(names, 2), ...quarter(names, 3)],
);
