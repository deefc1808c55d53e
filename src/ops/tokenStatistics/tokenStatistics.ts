// From logits, in one pass and without keeping a softmax: the target's log-probability, the entropy, and the exact
// KL(policy ‖ reference) over the whole vocabulary; all of softmax(logits / temperature), in nats.
// Kernels: `TokenStatistics` {logits, targets}, `TokenStatisticsKl` {logits, targets, refLogits} → [logProb, entropy, kl];
// `TokenStatisticsGrad` {logits, targets, dLogProb, dEntropy, dKl (, refLogits)} → dlogits.
// Gradients per row (p = softmax): d logProb = (onehot − p)/τ; d entropy = −p·(log p + H)/τ; d KL = p·(log p − log q − KL)/τ.
// Forward and backward 12 × beside its composition of stock tfjs-wasm ops (npm run bench -- ops; 2 cores, 2026-11-21).
import { engine, registerGradient, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

export interface TokenStatistics {
  logProb: Tensor1D;
  entropy: Tensor1D;
  /** 0 without a reference. */
  kl: Tensor1D;
}

/**
 * @param logits [N, V]
 * @param targets [N] int32, each < V (one outside means token 0 and is the caller's mistake)
 * @param refLogits [N, V] of the reference policy (no gradient flows into it), at the same temperature
 */
export function tokenStatistics(
  logits: Tensor2D,
  targets: Tensor,
  options: { temperature?: number; refLogits?: Tensor2D | null } = {},
): TokenStatistics {
  const { temperature = 1, refLogits } = options;
  if (targets.dtype !== 'int32' || targets.size !== logits.shape[0]) {
    throw new RangeError(
      `tokenStatistics: expected ${logits.shape[0]} int32 targets, got [${targets.shape}] ${targets.dtype}.`,
    );
  }
  if (!(temperature > 0)) throw new RangeError(`tokenStatistics: expected a temperature above 0, got ${temperature}.`);
  const outputs = refLogits
    ? engine().runKernel('TokenStatisticsKl', { logits, targets, refLogits }, { temperature })
    : engine().runKernel('TokenStatistics', { logits, targets }, { temperature });
  const [logProb, entropy, kl] = outputs as unknown as Tensor1D[];
  return { logProb, entropy, kl };
}

for (const withReference of [false, true]) {
  registerGradient({
    kernelName: withReference ? 'TokenStatisticsKl' : 'TokenStatistics',
    inputsToSave: withReference ? ['logits', 'targets', 'refLogits'] : ['logits', 'targets'],
    gradFunc: (dys, [logits, targets, refLogits], attrs) => {
      const [dLogProb, dEntropy, dKl] = dys as Tensor[];
      const inputs: Record<string, Tensor> = { logits, targets, dLogProb, dEntropy, dKl };
      if (withReference) inputs.refLogits = refLogits;
      return { logits: () => engine().runKernel('TokenStatisticsGrad', inputs, attrs) as Tensor };
    },
  });
}
