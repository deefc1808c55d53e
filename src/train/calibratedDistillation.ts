// Negative calibrated enhancement (NCE) as plain numbers: Li et al. 2023, arXiv 2312.12832, as its code computes it. A student follows
// the right answers and the distributions P of the NAT model; an answer counts the more, the more the model of wrong answers, N, differs:
//   β = tanh( mean over the answer's tokens of KL(N ‖ P) )
//   loss = c · CE + k · Σ_answers Σ_t (floor + β) ( −Σ_v P_v log S_v ) / tokens
// β is a constant to the student. P and N have 1e-7 added where they are weights and in log N, not in log P: so the code.

import { logSoftmaxRow } from './generalisedDivergence';

export interface Calibration {
  /** of the cross-entropy with the tokens themselves */
  likelihood: number;
  /** of the cross-entropy with P */
  distillation: number;
  /** weight of an answer on which N and P agree */
  floor: number;
  /** without it β = 0: plain distillation */
  calibrated: boolean;
  epsilon: number;
}

/** The code: half and half, never below ½; its figure: L = CE + β·KD; and distillation without wrong answers. */
export const CALIBRATIONS: Record<'coded' | 'figure' | 'plain', Calibration> = {
  coded: { likelihood: 0.5, distillation: 0.5, floor: 0.5, calibrated: true, epsilon: 1e-7 },
  figure: { likelihood: 1, distillation: 1, floor: 0, calibrated: true, epsilon: 1e-7 },
  plain: { likelihood: 0.5, distillation: 0.5, floor: 0.5, calibrated: false, epsilon: 1e-7 },
};

/**
 * @param nat [N, V] logits of the NAT model @param negative [N, V] logits of the model of wrong answers
 * @param targets [N] @param offsets [A + 1]
 * @returns weights [N · V] of the student's log S (loss = −Σ w log S), the part of them that is its cross-entropy with the targets, β and mean KL [A]
 */
export function calibratedWeights(
  nat: ArrayLike<number>,
  negative: ArrayLike<number>,
  targets: ArrayLike<number>,
  offsets: Int32Array,
  { likelihood, distillation, floor, calibrated, epsilon }: Calibration,
): { weights: Float64Array; beta: Float64Array; kl: Float64Array } {
  const tokens = targets.length;
  const vocabulary = nat.length / tokens;
  const answers = offsets.length - 1;
  const [weights, beta, kl] = [nat.length, answers, answers].map((length) => new Float64Array(length));
  for (let a = 0; a < answers; a++) {
    const [from, to] = [offsets[a], offsets[a + 1]];
    const logP = Array.from({ length: to - from }, (_, t) => logSoftmaxRow(nat, vocabulary, from + t));
    logP.forEach((p, t) => {
      const n = logSoftmaxRow(negative, vocabulary, from + t).map((x) => Math.exp(x) + epsilon);
      for (let v = 0; v < vocabulary; v++) kl[a] += (n[v] > 0 ? n[v] * (Math.log(n[v]) - p[v]) : 0) / (to - from);
    });
    beta[a] = calibrated ? Math.tanh(kl[a]) : 0;
    logP.forEach((p, t) => {
      const at = (from + t) * vocabulary;
      const scale = (distillation * (floor + beta[a])) / tokens;
      for (let v = 0; v < vocabulary; v++) weights[at + v] = scale * (Math.exp(p[v]) + epsilon);
      weights[at + targets[from + t]] += likelihood / tokens;
    });
  }
  return { weights, beta, kl };
}
