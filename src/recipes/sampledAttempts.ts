// Attempts sampled for one step and judged, and what a step that learns from a part of them tells (metrics by TRL's names where
// TRL has one, and every episode with the reward terms and whether it was learned from).

import { collectTraces, type TracedAttempt, type TracedEpisode } from '../evaluation/collectTraces';
import { accuracyAndFlips } from '../evaluation/twoAttemptAccuracy';
import { CounterRng, counterBits } from '../lib/counterRng';
import type { Adapter } from '../models/adapter';
import type { MetricRow } from '../protocol/events';
import type { TraceChunk } from '../protocol/trace';
import { extraMeans } from '../rewards/extraMeans';
import type { Verdict } from '../rewards/task';
import { type TwoAttemptRollout, twoAttempts } from '../rollouts/twoAttempts';
import { meanAndDeviation } from '../train/advantages';
import type { TokenColumns } from '../train/microBatches';
import type { Job } from './recipe';

export interface Amounts {
  /** per step */
  problems: number;
  /** first attempts per problem */
  firsts: number;
  /** second attempts per first; 0 = only first attempts */
  seconds: number;
  temperature: number;
  /** 0 or absent: all tokens */
  topK?: number;
}

export interface Sampled extends Amounts {
  step: number;
  drawn: unknown[];
  prompts: Int32Array[];
  rollout: TwoAttemptRollout;
  verdicts1: Verdict[];
  verdicts2: Verdict[];
  /** [P·K] and [P·K·K2], 0 or 1 */
  r1: Float64Array;
  r2: Float64Array;
  /** positions that were read or written */
  tokens: number;
}

/** Draws the step's problems from the practice slice and lets `adapter` (null: the base) answer. A function of (seed, step). */
export async function sampleAttempts(
  job: Job,
  adapter: Adapter | null,
  step: number,
  amounts: Amounts,
): Promise<Pick<Sampled, 'drawn' | 'prompts' | 'rollout'>> {
  const { model, task, seed, cache } = job;
  const { problems, firsts, seconds, temperature } = amounts;
  const drawn = task.draw(new CounterRng(seed, counterBits(seed, 0x70726f62, step)), 'rl', problems);
  const prompts = drawn.map((problem) => model.chat.prompt(task.ask(problem)));
  const keys = drawn.map((_, p) => counterBits(seed, step, p));
  const sampling = { temperature, topK: amounts.topK ?? 0, topP: 1, maxTokens: task.maxTokens, seed };
  const rollout = await twoAttempts({ model, adapter, cache }, prompts, keys, {
    firsts,
    seconds,
    sampling,
    instruction: task.instruction,
  });
  return { drawn, prompts, rollout };
}

/** Lets the verifier read every answer. */
export function judgeAttempts(
  job: Job,
  step: number,
  amounts: Amounts,
  attempts: Awaited<ReturnType<typeof sampleAttempts>>,
): Sampled {
  const { model, task } = job;
  const { drawn, prompts, rollout } = attempts;
  const { firsts, seconds } = amounts;
  const judge = (turn: (typeof rollout.first)[number], p: number) =>
    task.verify(drawn[p], model.tokenizer.decode(turn.tokens), turn.finish === 'end');
  const verdicts1 = rollout.first.map((turn, f) => judge(turn, Math.floor(f / firsts)));
  const verdicts2 = rollout.second.map((turn, e) => judge(turn, Math.floor(e / (firsts * seconds))));
  const followUp = seconds > 0 ? model.chat.followUp(task.instruction).length : 0;
  let tokens = 0;
  rollout.first.forEach((turn, f) => {
    tokens += prompts[Math.floor(f / firsts)].length + turn.tokens.length + followUp;
  });
  for (const turn of rollout.second) tokens += turn.tokens.length;
  return {
    ...attempts,
    ...amounts,
    step,
    verdicts1,
    verdicts2,
    r1: Float64Array.from(verdicts1, (verdict) => Number(verdict.correct)),
    r2: Float64Array.from(verdicts2, (verdict) => Number(verdict.correct)),
    tokens,
  };
}

/** What a step learned from: per episode (a second attempt, or a first one where there are no second ones). */
export interface Learned {
  /** null: nothing was left to learn from, and nothing was changed */
  outcome: { norm: number; columns: TokenColumns } | null;
  loss: number | null;
  rate: number;
  /** [episodes] terms beyond the verifier's, e.g. kept 0 or 1 */
  terms?: Record<string, ArrayLike<number>>;
  /** [episodes] */
  advantage?: ArrayLike<number>;
  /** Whether the loss had an answer's tokens as targets (attempt 0 or 1 of an episode); left out = not said. */
  isTarget?: (episode: number, attempt: number) => boolean;
  /** The loss read the answers in another context than they were sampled in. */
  isRearranged?: boolean;
  /** method's own metrics */
  metrics?: MetricRow;
}

const mean = (values: ArrayLike<number>): number | null => (values.length === 0 ? null : meanAndDeviation(values).mean);

export function sampledMetrics(sampled: Sampled, learned: Learned): MetricRow {
  const { r1, r2, seconds, rollout, verdicts1, verdicts2 } = sampled;
  const flips =
    r2.length > 0
      ? accuracyAndFlips(
          r2.map((_, e) => r1[Math.floor(e / seconds)]),
          r2,
        )
      : null;
  const turns = [...rollout.first, ...rollout.second];
  const last = seconds > 0 ? verdicts2 : verdicts1;
  const row: MetricRow = {
    loss: learned.loss,
    reward: mean(seconds > 0 ? r2 : r1),
    'train/accuracy_t1': mean(r1),
    'train/accuracy_t2': flips?.accuracyT2 ?? null,
    'train/delta': flips?.delta ?? null,
    'train/i_to_c': flips?.iToC ?? null,
    'train/c_to_i': flips?.cToI ?? null,
    entropy: learned.outcome ? mean(learned.outcome.columns.entropy) : null,
    grad_norm: learned.outcome?.norm ?? null,
    learning_rate: learned.rate,
    'completions/mean_length': mean(turns.map((turn) => turn.tokens.length)),
    'completions/clipped_ratio': turns.filter((turn) => turn.finish === 'length').length / turns.length,
  };
  for (const term of Object.keys(last[0]?.terms ?? {})) {
    row[`rewards/${term}/mean`] = mean(last.map((verdict) => verdict.terms[term] ?? Number.NaN));
  }
  if (learned.terms?.kept) row['train/kept_share'] = mean(learned.terms.kept);
  return { ...row, ...extraMeans(last), ...learned.metrics };
}

/** One episode per second attempt; without second attempts, one per first. */
export function sampledTraces(job: Job, stage: string, sampled: Sampled, learned: Learned): TraceChunk {
  const { firsts, seconds, rollout, drawn } = sampled;
  const attempt = (which: 1 | 2, index: number, episode: number): TracedAttempt => {
    const isLast = which === 2 || seconds === 0;
    const rewards: Record<string, number | null> = { reward: which === 1 ? sampled.r1[index] : sampled.r2[index] };
    if (isLast) for (const [name, values] of Object.entries(learned.terms ?? {})) rewards[name] = values[episode];
    return {
      turn: (which === 1 ? rollout.first : rollout.second)[index],
      verdict: (which === 1 ? sampled.verdicts1 : sampled.verdicts2)[index],
      rewards,
      advantage: isLast ? (learned.advantage?.[episode] ?? null) : null,
    };
  };
  const count = seconds > 0 ? rollout.second.length : rollout.first.length;
  const episodes: TracedEpisode[] = Array.from({ length: count }, (_, e) => {
    const first = seconds > 0 ? Math.floor(e / seconds) : e;
    const problem = Math.floor(first / firsts);
    return {
      prompt: job.task.ask(drawn[problem])[0].content,
      problem,
      first,
      attempts: seconds > 0 ? [attempt(1, first, e), attempt(2, e, e)] : [attempt(1, first, e)],
    };
  });
  const head = { kind: 'train' as const, step: job.state.step, stage, instruction: job.task.instruction };
  const { chat, tokenizer } = job.model;
  const followUp = seconds > 0 ? chat.followUp(job.task.instruction) : [];
  const { isTarget, isRearranged } = learned;
  return collectTraces(episodes, head, tokenizer, { prompts: sampled.prompts, followUp, isTarget, isRearranged });
}
