// Acc@t1, Acc@t2, Δ and the flips on fixed problems (SCoRe, arXiv 2409.12917, section 3). Intrinsic: the verifier only scores,
// it never decides whether a second attempt is made (pitfall P16).

import type { Slice } from '../data/dial';
import { CounterRng, counterBits } from '../lib/counterRng';
import { editDistanceRatio } from '../lib/editDistance';
import { fnv1a } from '../lib/fnv1a';
import type { EvalSummary, PairedComparison } from '../protocol/metrics';
import type { TraceChunk } from '../protocol/trace';
import type { Task } from '../rewards/task';
import { converse } from '../rollouts/conversations';
import type { Decoder } from '../rollouts/generate';
import { answerStream } from '../rollouts/twoAttempts';
import { collectTraces, type TracedEpisode } from './collectTraces';
import { mcnemarExact, pairedDelta, wilson } from './intervals';

/** Problems are drawn with this seed, whatever the run's seed: the same 500 for every run and every step. */
const PROBLEM_SEED = 20261121;
/** Conversations decoded at once: bounds the memory of the cache. */
const PLACES = 250;

/** The first `count` problems of a slice: 500 are the first half of 1,000. */
export function evaluationProblems<P>(task: Task<P>, slice: Slice, count: number): P[] {
  return task.draw(new CounterRng(PROBLEM_SEED, fnv1a(slice)), slice, count);
}

export interface TwoAttemptResult {
  summary: EvalSummary;
  /** [n] right at attempt 1 / 2 */
  correct1: Uint8Array;
  correct2: Uint8Array;
  traces: TraceChunk;
  /** tokens written */
  tokens: number;
}

export interface TwoAttemptEvaluation<P> {
  task: Task<P>;
  problems: P[];
  /** 0 = greedy */
  temperature: number;
  /** the same seed gives every step the same random numbers: paired comparisons */
  seed: number;
  step: number;
  /** called now and then, so that a worker can take messages */
  breathe?: () => Promise<void>;
}

export async function evaluateTwoAttempts<P>(
  decoder: Decoder,
  job: TwoAttemptEvaluation<P>,
): Promise<TwoAttemptResult> {
  const { task, problems, temperature, seed } = job;
  const { tokenizer, chat } = decoder.model;
  const prompts = problems.map((problem) => chat.prompt(task.ask(problem)));
  const followUp = chat.followUp(task.instruction);
  const longest = prompts.reduce((most, prompt) => Math.max(most, prompt.length), 0);
  const conversations = await converse(decoder, {
    count: problems.length,
    next: (i, turns) => [prompts[i], followUp, null][turns.length],
    stream: (i, turn) => answerStream(counterBits(seed, 0x6576616c, i), turn, 0, 0),
    sampling: { temperature, topK: 0, topP: 1, maxTokens: task.maxTokens, seed },
    capacity: longest + 2 * task.maxTokens + followUp.length + 1,
    places: PLACES,
    breathe: job.breathe,
  });
  let tokens = 0;
  const episodes: TracedEpisode[] = problems.map((problem, i) => {
    const attempts = conversations[i].map((turn) => {
      tokens += turn.tokens.length;
      const verdict = task.verify(problem, tokenizer.decode(turn.tokens), turn.finish === 'end');
      return { turn, verdict, rewards: { reward: Number(verdict.correct) }, advantage: null };
    });
    return { prompt: task.ask(problem)[0].content, problem: i, first: i, attempts };
  });
  const traces = collectTraces(
    episodes,
    {
      kind: temperature === 0 ? 'eval_greedy' : 'eval_sampled',
      step: job.step,
      stage: '',
      instruction: task.instruction,
    },
    tokenizer,
    { prompts, followUp },
  );
  const correct1 = Uint8Array.from(episodes, (episode) => Number(episode.attempts[0].verdict.correct));
  const correct2 = Uint8Array.from(episodes, (episode) => Number(episode.attempts[1].verdict.correct));
  return { summary: summarise(episodes, correct1, correct2, temperature), correct1, correct2, traces, tokens };
}

/** Counts of right answers and flips, as fractions of all n, with 95 % intervals. */
export function accuracyAndFlips(correct1: ArrayLike<number>, correct2: ArrayLike<number>) {
  const n = correct1.length;
  let right1 = 0;
  let right2 = 0;
  let mended = 0;
  let broken = 0;
  for (let i = 0; i < n; i++) {
    right1 += correct1[i];
    right2 += correct2[i];
    if (!correct1[i] && correct2[i]) mended++;
    if (correct1[i] && !correct2[i]) broken++;
  }
  const { delta, low, high } = pairedDelta(mended, broken, n);
  return {
    n,
    accuracyT1: right1 / n,
    accuracyT2: right2 / n,
    delta,
    iToC: mended / n,
    cToI: broken / n,
    accuracyT1Interval: wilson(right1, n),
    accuracyT2Interval: wilson(right2, n),
    deltaInterval: { low, high },
  };
}

function summarise(
  episodes: TracedEpisode[],
  correct1: Uint8Array,
  correct2: Uint8Array,
  temperature: number,
): EvalSummary {
  const n = episodes.length;
  let unchanged = 0;
  let distance = 0;
  let malformed = 0;
  for (const { attempts } of episodes) {
    const ratio = editDistanceRatio(attempts[0].turn.tokens, attempts[1].turn.tokens);
    distance += ratio;
    if (ratio === 0) unchanged++;
    malformed += attempts.filter((attempt) => !attempt.verdict.wellFormed).length;
  }
  return {
    ...accuracyAndFlips(correct1, correct2),
    temperature,
    unchangedRate: unchanged / n,
    editDistanceRatio: distance / n,
    formatErrorRate: malformed / (2 * n),
  };
}

/** Second attempts before and after training on the same problems: paired gain and exact test. */
export function compareSecondAttempts(before: ArrayLike<number>, after: ArrayLike<number>): PairedComparison {
  const n = before.length;
  if (after.length !== n)
    throw new RangeError(`comparison: expected the same ${n} problems twice, got ${after.length}.`);
  let gained = 0;
  let lost = 0;
  for (let i = 0; i < n; i++) {
    if (!before[i] && after[i]) gained++;
    if (before[i] && !after[i]) lost++;
  }
  const { delta, low, high } = pairedDelta(gained, lost, n);
  return { n, gained, lost, gain: delta, gainInterval: { low, high }, pValue: mcnemarExact(gained, lost) };
}
