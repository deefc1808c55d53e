// Losses over pairs of answers, one better than the other, as plain numbers: DPO (Rafailov et al. 2023, arXiv 2305.18290) with TRL's
// variants, and SPIN's (Chen et al. 2024, arXiv 2401.01335). With c = log π(y⁺) − log π_ref(y⁺), j the same of y⁻, d = c − j:
// SUMS over an answer's tokens, except `ipo` and `sigmoid_norm`, which take means per token (as TRL does; the IPO paper has sums:
// `ipo_sums`). `forward_kl` and `js_divergence` are DPO's loss on f'(ratio) instead of log ratio (Wang et al. 2023, arXiv 2309.16240).

export type PreferenceLoss =
  | 'sigmoid'
  | 'hinge'
  | 'ipo'
  | 'ipo_sums'
  | 'robust'
  | 'conservative'
  | 'exo_pair'
  | 'nca_pair'
  | 'bco_pair'
  | 'sppo_hard'
  | 'apo_zero'
  | 'apo_down'
  | 'sigmoid_norm'
  | 'discopop'
  | 'forward_kl'
  | 'js_divergence'
  | 'aot'
  | 'aot_unpaired'
  | 'exponential'
  | 'linear'
  | 'correlation';

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
export const logSigmoid = (x: number) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));

interface PairTerms {
  loss: number;
  /** ∂loss/∂c and ∂loss/∂j */
  dc: number;
  dj: number;
}

/** @param e label smoothing: the assumed share of swapped pairs; only `robust`, `conservative` and `exo_pair` know it */
export function pairTerms(kind: PreferenceLoss, beta: number, e: number, c: number, j: number): PairTerms {
  const d = c - j;
  const both = (loss: number, slope: number): PairTerms => ({ loss, dc: slope, dj: -slope });
  const bump = (x: number) => sigmoid(x) * sigmoid(-x);
  switch (kind) {
    case 'sigmoid':
    case 'sigmoid_norm':
      return both(-logSigmoid(beta * d), -beta * sigmoid(-beta * d));
    case 'hinge':
      return both(Math.max(0, 1 - beta * d), beta * d < 1 ? -beta : 0);
    case 'ipo':
    case 'ipo_sums':
      return both((d - 0.5 / beta) ** 2, 2 * (d - 0.5 / beta));
    case 'robust': {
      const loss = (-(1 - e) * logSigmoid(beta * d) + e * logSigmoid(-beta * d)) / (1 - 2 * e);
      return both(loss, (-beta * ((1 - e) * sigmoid(-beta * d) + e * sigmoid(beta * d))) / (1 - 2 * e));
    }
    // AOT (Melnyk et al. 2024, arXiv 2406.05882) is this loss over pairs of equal rank: `rankedTerms`.
    case 'aot':
    case 'aot_unpaired':
    case 'conservative': {
      const loss = -(1 - e) * logSigmoid(beta * d) - e * logSigmoid(-beta * d);
      return both(loss, beta * (e * sigmoid(beta * d) - (1 - e) * sigmoid(-beta * d)));
    }
    case 'exo_pair': {
      const x = beta * d;
      const loss = sigmoid(x) * (logSigmoid(x) - Math.log(1 - e)) + sigmoid(-x) * (logSigmoid(-x) - Math.log(e));
      return both(loss, beta * bump(x) * (x - Math.log(1 - e) + Math.log(e)));
    }
    case 'nca_pair':
      return {
        loss: -logSigmoid(beta * c) - 0.5 * logSigmoid(-beta * c) - 0.5 * logSigmoid(-beta * j),
        dc: beta * (0.5 * sigmoid(beta * c) - sigmoid(-beta * c)),
        dj: 0.5 * beta * sigmoid(beta * j),
      };
    case 'bco_pair':
      return {
        loss: -logSigmoid(beta * c) - logSigmoid(-beta * j),
        dc: -beta * sigmoid(-beta * c),
        dj: beta * sigmoid(beta * j),
      };
    case 'sppo_hard':
      return {
        loss: (c - 0.5 / beta) ** 2 + (j + 0.5 / beta) ** 2,
        dc: 2 * (c - 0.5 / beta),
        dj: 2 * (j + 0.5 / beta),
      };
    case 'apo_zero':
      return { loss: 1 - sigmoid(beta * c) + sigmoid(beta * j), dc: -beta * bump(beta * c), dj: beta * bump(beta * j) };
    case 'apo_down':
      return {
        loss: sigmoid(beta * c) + 1 - sigmoid(beta * d),
        dc: beta * (bump(beta * c) - bump(beta * d)),
        dj: beta * bump(beta * d),
      };
    case 'discopop': {
      const x = beta * d;
      // the modulation of DiscoPOP (Lu et al. 2024, arXiv 2406.08414), temperature 0.05 as in TRL
      const q = sigmoid(x / 0.05);
      const slope =
        -sigmoid(-x) * (1 - q) - Math.exp(-x) * q + (Math.exp(-x) + logSigmoid(x)) * (bump(x / 0.05) / 0.05);
      return both(-logSigmoid(x) * (1 - q) + Math.exp(-x) * q, beta * slope);
    }
    case 'forward_kl':
    case 'js_divergence': {
      const score = (x: number) => (kind === 'forward_kl' ? -Math.expm1(-x) : Math.LN2 + logSigmoid(x));
      const rise = (x: number) => (kind === 'forward_kl' ? Math.exp(-x) : sigmoid(-x));
      const x = beta * (score(c) - score(j));
      const slope = -beta * sigmoid(-x);
      return { loss: -logSigmoid(x), dc: slope * rise(c), dj: -slope * rise(j) };
    }
    case 'exponential':
      return both(Math.exp(-beta * d), -beta * Math.exp(-beta * d));
    case 'linear':
      return both(-beta * d, -beta);
    case 'correlation':
      return both((1 - beta * d) ** 2, -2 * beta * (1 - beta * d));
  }
}

export interface Preferences {
  kind: PreferenceLoss;
  beta: number;
  labelSmoothing: number;
  /** of the token-mean cross-entropy of the better answers, added to the loss (RPO, arXiv 2404.19733); 0 = plain */
  likelihood: number;
  /** indices of answers: [better, worse] */
  pairs: readonly (readonly [number, number])[];
}

export interface PreferenceOutcome {
  /** mean over pairs */
  loss: number;
  /** [N] of log π */
  weights: Float64Array;
  /** β·c and β·j of every pair: TRL's rewards/chosen and rewards/rejected */
  chosen: Float64Array;
  rejected: Float64Array;
}

/** Numbers of every pair: sums of policy and reference over the better and the worse answer. */
type PairSums = { better: [policy: number, reference: number]; worse: [policy: number, reference: number] };

/**
 * AOT compares distributions: both sides of the loss are sorted over the batch, and pairs of equal rank make its terms.
 * `aot`: log π(y⁺)/π(y⁻) against the reference's; `aot_unpaired`: c against j. The order itself has no gradient.
 */
function rankedTerms(kind: 'aot' | 'aot_unpaired', beta: number, e: number, sums: readonly PairSums[]): PairTerms[] {
  const isPaired = kind === 'aot';
  const left = sums.map(({ better, worse }) => (isPaired ? better[0] - worse[0] : better[0] - better[1]));
  const right = sums.map(({ better, worse }) => (isPaired ? better[1] - worse[1] : worse[0] - worse[1]));
  const order = (list: number[]) => [...list.keys()].sort((a, b) => list[a] - list[b]);
  const [first, second] = [order(left), order(right)];
  const terms = sums.map((): PairTerms => ({ loss: 0, dc: 0, dj: 0 }));
  first.forEach((p, rank) => {
    const found = pairTerms('conservative', beta, e, left[p], right[second[rank]]);
    terms[p].loss = found.loss;
    terms[p].dc = found.dc;
    terms[isPaired ? p : second[rank]].dj = found.dj;
  });
  return terms;
}

/** @param logProb [N] of the policy @param reference [N] @param offsets [A + 1] */
export function preferenceWeights(
  { kind, beta, labelSmoothing, likelihood, pairs }: Preferences,
  logProb: ArrayLike<number>,
  reference: ArrayLike<number>,
  offsets: Int32Array,
): PreferenceOutcome {
  const perToken = kind === 'ipo' || kind === 'sigmoid_norm';
  const divisor = (a: number) => (perToken ? Math.max(1, offsets[a + 1] - offsets[a]) : 1);
  const logRatio = (a: number) => {
    let sum = 0;
    for (let i = offsets[a]; i < offsets[a + 1]; i++) sum += logProb[i] - reference[i];
    return sum;
  };
  const total = (column: ArrayLike<number>, a: number) => {
    let sum = 0;
    for (let i = offsets[a]; i < offsets[a + 1]; i++) sum += column[i];
    return sum;
  };
  const both = (a: number): [number, number] => [total(logProb, a), total(reference, a)];
  const outcome: PreferenceOutcome = {
    loss: 0,
    weights: new Float64Array(logProb.length),
    chosen: new Float64Array(pairs.length),
    rejected: new Float64Array(pairs.length),
  };
  const ranked =
    kind === 'aot' || kind === 'aot_unpaired'
      ? rankedTerms(
          kind,
          beta,
          labelSmoothing,
          pairs.map(([better, worse]) => ({ better: both(better), worse: both(worse) })),
        )
      : null;
  const betterTokens = pairs.reduce((sum, [better]) => sum + offsets[better + 1] - offsets[better], 0);
  pairs.forEach(([better, worse], p) => {
    for (let i = offsets[better]; i < offsets[better + 1] && likelihood > 0; i++) {
      outcome.loss -= (likelihood * logProb[i]) / betterTokens;
      outcome.weights[i] += likelihood / betterTokens;
    }
    const [c, j] = [logRatio(better), logRatio(worse)];
    const terms = ranked?.[p] ?? pairTerms(kind, beta, labelSmoothing, c / divisor(better), j / divisor(worse));
    outcome.loss += terms.loss / pairs.length;
    outcome.chosen[p] = beta * c;
    outcome.rejected[p] = beta * j;
    for (const [answer, slope] of [
      [better, terms.dc],
      [worse, terms.dj],
    ]) {
      const weight = -slope / (divisor(answer) * pairs.length);
      for (let i = offsets[answer]; i < offsets[answer + 1]; i++) outcome.weights[i] += weight;
    }
  });
  return outcome;
}
