// Early stopping as data: the rule a run is started with, what it remembers between evaluations, and the reason it gave.

export interface EarlyStop {
  /** Stops when `evaluations` in a row gained no more than `minDelta` over the best before them; null = off. */
  patience: { metric: string; better: 'higher' | 'lower'; evaluations: number; minDelta: number } | null;
  /** Stops when a metric is above `limit` at an evaluation, e.g. `kl/t2` (nats per answer); null = off. */
  ceiling: { metric: string; limit: number } | null;
  /** Evaluations before this step do not count. */
  fromStep: number;
}

export type StopReason =
  | {
      kind: 'patience';
      metric: string;
      better: 'higher' | 'lower';
      evaluations: number;
      minDelta: number;
      /** The best value and the step it was measured at. */
      best: number;
      bestStep: number;
    }
  | { kind: 'ceiling'; metric: string; limit: number; value: number };

/** What the rule remembers; part of every checkpoint, so that a resumed run stops at the same step. */
export interface StopWatch {
  best: number | null;
  bestStep: number;
  /** Evaluations since the best one. */
  waited: number;
  /** Sums of watched practice metrics since the last evaluation: their mean is what an evaluation sees. */
  sums: Record<string, { sum: number; count: number }>;
  /** Set once: the run is over. */
  reason: StopReason | null;
}

function refuse(where: string, expected: string, got: unknown): never {
  throw new RangeError(`early stopping, ${where}: expected ${expected}, got ${JSON.stringify(got)}. Correct it.`);
}

/** @throws RangeError naming the part that cannot be */
export function checkEarlyStop(rule: EarlyStop): EarlyStop {
  const { patience, ceiling, fromStep } = rule;
  if (!Number.isInteger(fromStep) || fromStep < 0) refuse('fromStep', 'a whole number from 0', fromStep);
  if (patience) {
    const { metric, better, evaluations, minDelta } = patience;
    if (typeof metric !== 'string' || metric === '') refuse('patience.metric', 'the name of a metric', metric);
    if (better !== 'higher' && better !== 'lower') refuse('patience.better', '"higher" or "lower"', better);
    if (!Number.isInteger(evaluations) || evaluations < 1 || evaluations > 1000) {
      refuse('patience.evaluations', 'a whole number from 1 to 1000', evaluations);
    }
    if (!Number.isFinite(minDelta) || minDelta < 0) refuse('patience.minDelta', 'a number from 0', minDelta);
  }
  if (ceiling) {
    if (typeof ceiling.metric !== 'string' || ceiling.metric === '') {
      refuse('ceiling.metric', 'the name of a metric', ceiling.metric);
    }
    if (!Number.isFinite(ceiling.limit)) refuse('ceiling.limit', 'a number', ceiling.limit);
  }
  return rule;
}
