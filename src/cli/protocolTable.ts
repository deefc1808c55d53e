// npm run table -- protocols: what more computing at inference is worth to the base and to a SCoRe policy, always at the same number
// of responses (SCoRe figure 1 right and figure 8; Huang et al. 2023), with calls and tokens beside every accuracy.
import { type CorrectionRound, evaluateRounds } from '../evaluation/correctionRounds';
import { type DebateRound, evaluateDebate } from '../evaluation/debate';
import { evaluateManyAttempts, evaluateScaling, type ScalingPoint } from '../evaluation/inferenceScaling';
import { evaluateReflexion, type ReflexionTrial } from '../evaluation/reflexion';
import { evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';

const SEED = 77;
const BUDGETS = [2, 4, 8, 16, 32];
const ATTEMPTS = 10;
const TRIALS = 4;
/** Ω; 0 = plain retry */
const MEMORIES = [0, 1, 3];

export interface ProtocolFigures {
  scaling: ScalingPoint[];
  attempts: Awaited<ReturnType<typeof evaluateManyAttempts>>;
  intrinsic: CorrectionRound[];
  oracle: CorrectionRound[];
  debate: DebateRound[];
}

/** Trials of Reflexion by evaluator and memory Ω. */
export type ReflexionFigures = { evaluator: 'self' | 'verifier'; memory: number; trials: ReflexionTrial[] }[];

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
    debate: await evaluateDebate(decoder, { ...job, temperature: 0.7 }),
  };
  cache.dispose();
  return figures;
}

/** @param adapter has learned the words of a reflection (recipe `reflexion`) */
export async function measureReflexion(
  model: LanguageModel,
  adapter: Adapter,
  testProblems: number,
): Promise<ReflexionFigures> {
  const task = dialTask(6);
  const cache = new KeyValueCache(model);
  const job = { task, problems: evaluationProblems(task, 'test', testProblems), temperature: 0.7, seed: SEED };
  const figures: ReflexionFigures = [];
  for (const evaluator of ['self', 'verifier'] as const) {
    for (const memory of MEMORIES) {
      const trials = await evaluateReflexion({ model, adapter, cache }, job, { trials: TRIALS, memory, evaluator });
      figures.push({ evaluator, memory, trials });
    }
  }
  cache.dispose();
  return figures;
}

const percent = (value: number) => (100 * value).toFixed(1).padStart(6);

export function printProtocols(title: string, { scaling, attempts, intrinsic, oracle, debate }: ProtocolFigures): void {
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
  printDebate(title, debate);
}

const range = ({ low, high }: { low: number; high: number }) => `(${percent(low).trim()} to ${percent(high).trim()})`;

function printDebate(title: string, debate: readonly DebateRound[]): void {
  console.log(`${title}: debate of three, T = 0.7, majority vote`);
  console.log('round  responses  accuracy (95 %)        one agent  agreed  as many alone (95 %)    tokens');
  for (const r of debate) {
    const alone = `${percent(r.selfConsistency)} ${range(r.selfConsistencyInterval)}`;
    const tokens = `${r.tokens.toFixed(0)} / ${r.selfConsistencyTokens.toFixed(0)}`;
    console.log(
      `${String(r.round).padStart(5)}${String(r.responses).padStart(11)}  ${`${percent(r.accuracy)} ${range(r.interval)}`.padEnd(22)}${percent(r.single).padStart(10)}${percent(r.agreed).padStart(8)}  ${alone.padEnd(22)}  ${tokens}`,
    );
  }
}

export function printReflexion(title: string, figures: ReflexionFigures): void {
  for (const { evaluator, memory, trials } of figures) {
    console.log(`${title}: ${evaluator === 'self' ? 'own verdict' : 'verifier (oracle)'}, memory ${memory}, T = 0.7`);
    console.log("trial  accuracy (95 %)        tried  unchanged  c→i    i→c    i→i'   c→c'   calls  tokens");
    for (const r of trials) {
      const flips = [r.going, r.unchanged, r.cToI, r.iToC, r.iToIChanged, r.cToCChanged].map(percent).join(' ');
      const accuracy = `${percent(r.accuracy)} ${range(r.interval)}`.padEnd(22);
      console.log(
        `${String(r.trial).padStart(5)}  ${accuracy} ${flips}  ${r.calls.toFixed(2)}  ${r.tokens.toFixed(1).padStart(6)}`,
      );
    }
  }
}
