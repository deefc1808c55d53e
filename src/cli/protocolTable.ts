// npm run table -- protocols: what more computing at inference is worth to the base and to a SCoRe policy, always at the same number
// of responses (SCoRe figure 1 right and figure 8; Huang et al. 2023), with calls and tokens beside every accuracy.
import { type CorrectionRound, evaluateRounds } from '../evaluation/correctionRounds';
import { evaluateManyAttempts, evaluateScaling, type ScalingPoint } from '../evaluation/inferenceScaling';
import { evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';

const SEED = 77;
const BUDGETS = [2, 4, 8, 16, 32];
const ATTEMPTS = 10;

export interface ProtocolFigures {
  scaling: ScalingPoint[];
  attempts: Awaited<ReturnType<typeof evaluateManyAttempts>>;
  intrinsic: CorrectionRound[];
  oracle: CorrectionRound[];
}

export async function measureProtocols(
  model: LanguageModel,
  adapter: Adapter | null,
  testProblems: number,
): Promise<ProtocolFigures> {
  const task = dialTask(6);
  const cache = new KeyValueCache(model);
  const decoder = { model, adapter, cache };
  const job = { task, problems: evaluationProblems(task, 'test', testProblems), seed: SEED };
  const figures = {
    scaling: await evaluateScaling(decoder, { ...job, temperature: 0.7 }, BUDGETS),
    attempts: await evaluateManyAttempts(decoder, { ...job, temperature: 0 }, ATTEMPTS),
    intrinsic: await evaluateRounds(decoder, { ...job, temperature: 0 }, 'intrinsic'),
    oracle: await evaluateRounds(decoder, { ...job, temperature: 0 }, 'oracle'),
  };
  cache.dispose();
  return figures;
}

const percent = (value: number) => (100 * value).toFixed(1).padStart(6);

export function printProtocols(title: string, { scaling, attempts, intrinsic, oracle }: ProtocolFigures): void {
  console.log(`\n${title}: parallel against sequential, T = 0.7, majority vote`);
  console.log('responses  parallel  sequential  difference (95 %)        pass@n  tokens');
  for (const point of scaling) {
    const { delta, low, high } = point.difference;
    const range = [delta, low, high].map((value) => percent(value).trim());
    console.log(
      `${String(point.responses).padStart(9)}${percent(point.parallel).padStart(10)}${percent(point.sequential).padStart(12)}  ${`${range[0]} (${range[1]} to ${range[2]})`.padEnd(24)}${percent(point.passAtN)}  ${point.tokensParallel.toFixed(0)} / ${point.tokensSequential.toFixed(0)}`,
    );
  }
  console.log(
    `${title}: greedy accuracy by attempt  ${attempts.map(({ accuracy }) => percent(accuracy).trim()).join(' → ')}`,
  );
  for (const [name, rounds] of [
    ['intrinsic', intrinsic],
    ['oracle', oracle],
  ] as const) {
    console.log(`${title}: rounds of review, greedy, ${name}`);
    console.log(
      "round  accuracy  unchanged  c→i    i→c    i→i'   c→c'   calls  tokens  majority of as many samples (T = 1)",
    );
    for (const r of rounds) {
      const cells = [r.accuracy, r.unchanged, r.cToI, r.iToC, r.iToIChanged, r.cToCChanged].map(percent).join(' ');
      const votes = name === 'intrinsic' ? `${percent(r.selfConsistency)} (${r.selfConsistencyCalls})` : '';
      console.log(
        `${String(r.round).padStart(5)}  ${cells}  ${r.calls.toFixed(2)}  ${r.tokens.toFixed(1).padStart(6)}  ${votes}`,
      );
    }
  }
}
