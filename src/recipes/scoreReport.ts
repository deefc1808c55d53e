// What a step of SCoRe tells: metrics by TRL's names where TRL has one, and the episodes with every reward term.

import { collectTraces, type TracedAttempt, type TracedEpisode } from '../evaluation/collectTraces';
import { accuracyAndFlips } from '../evaluation/twoAttemptAccuracy';
import { editDistanceRatio } from '../lib/editDistance';
import type { MetricRow } from '../protocol/events';
import type { TraceChunk } from '../protocol/trace';
import { extraMeans } from '../rewards/extraMeans';
import type { Verdict } from '../rewards/task';
import type { TwoAttemptRollout } from '../rollouts/twoAttempts';
import { meanAndDeviation, zeroSpreadShare } from '../train/advantages';
import type { TokenColumns } from '../train/microBatches';
import type { ScoreTerms } from '../train/scoreWeights';
import { sumPerAnswer, type TwoAttemptBatch } from '../train/twoAttemptBatch';
import type { Job } from './recipe';

export interface ScoreReport {
  job: Job;
  stage: string;
  rate: number;
  rollout: TwoAttemptRollout;
  batch: TwoAttemptBatch;
  /** [N] log-probabilities of the reference */
  reference: Float32Array;
  columns: TokenColumns;
  verdicts1: Verdict[];
  verdicts2: Verdict[];
  r1: Float64Array;
  r2: Float64Array;
  credit1: Float64Array;
  credit2: Float64Array;
  advantage1: Float64Array;
  advantage2: Float64Array;
  terms: ScoreTerms;
  batchProblems: unknown[];
  seconds: number;
  mismatch: number;
  norm: number;
}

const mean = (values: ArrayLike<number>): number | null => (values.length === 0 ? null : meanAndDeviation(values).mean);

/** How far second attempts are from their first ones; nothing without second attempts. */
function changes({ rollout, seconds }: ScoreReport): { unchanged: number | null; distance: number | null } {
  const ratios = rollout.second.map((turn, e) =>
    editDistanceRatio(rollout.first[Math.floor(e / seconds)].tokens, turn.tokens),
  );
  return { unchanged: mean(ratios.map((ratio) => Number(ratio === 0))), distance: mean(ratios) };
}

/** The mean over the attempts in which a term was scored; null when it was in none. */
function meanOfScored(verdicts: readonly Verdict[], term: string): number | null {
  return mean(verdicts.map((verdict) => verdict.terms[term]).filter((value) => value != null));
}

export function scoreMetrics(report: ScoreReport): MetricRow {
  const { columns, batch, r1, r2, rollout, verdicts2 } = report;
  const r1OfSecond = r2.map((_, e) => r1[Math.floor(e / report.seconds)]);
  const flips = r2.length > 0 ? accuracyAndFlips(r1OfSecond, r2) : null;
  const kl1 = sumPerAnswer(columns.kl, batch.firstOffsets);
  const kl2 = sumPerAnswer(columns.kl, batch.secondOffsets);
  const judged =
    r2.length > 0
      ? { credits: report.credit2, group: report.terms.group2 }
      : { credits: report.credit1, group: r1.length / report.batchProblems.length };
  const turns = [...rollout.first, ...rollout.second];
  const lengths = turns.map((turn) => turn.tokens.length);
  const reward = meanAndDeviation(judged.credits);
  const judgedAttempts = r2.length > 0 ? verdicts2 : report.verdicts1;
  const terms = Object.keys(judgedAttempts[0]?.terms ?? {});
  const { unchanged, distance } = changes(report);
  const verdicts = [...report.verdicts1, ...verdicts2];
  const secondTokens = batch.secondOffsets[0];
  const row: MetricRow = {
    reward: reward.mean,
    reward_std: reward.deviation,
    frac_reward_zero_std: zeroSpreadShare(judged.credits, judged.group),
    'advantages/std': meanAndDeviation(r2.length > 0 ? report.advantage2 : report.advantage1).deviation,
    'train/accuracy_t1': mean(r1),
    'train/accuracy_t2': flips?.accuracyT2 ?? null,
    'train/delta': flips?.delta ?? null,
    'train/i_to_c': flips?.iToC ?? null,
    'train/c_to_i': flips?.cToI ?? null,
    'train/unchanged_rate': unchanged,
    'train/edit_distance': distance,
    'train/format_error_rate': mean(verdicts.map((verdict) => Number(!verdict.wellFormed))),
    // nats per answer
    'kl/t1': mean(kl1),
    'kl/t2': mean(kl2),
    kl: mean(columns.kl),
    // nats per token
    entropy: mean(columns.entropy),
    'entropy/t1': mean(columns.entropy.subarray(0, secondTokens)),
    'entropy/t2': mean(columns.entropy.subarray(secondTokens)),
    grad_norm: report.norm,
    learning_rate: report.rate,
    'completions/mean_length': mean(lengths),
    'completions/min_length': Math.min(...lengths),
    'completions/max_length': Math.max(...lengths),
    'completions/clipped_ratio': turns.filter((turn) => turn.finish === 'length').length / turns.length,
    'sampling/sampling_logp_difference/max': report.mismatch,
  };
  for (const term of terms) row[`rewards/${term}/mean`] = meanOfScored(judgedAttempts, term);
  return { ...row, ...extraMeans(judgedAttempts) };
}

/** One episode per second attempt; with a single attempt, one per first. */
export function scoreTraces(report: ScoreReport): TraceChunk {
  const { job, rollout, batch, seconds } = report;
  const firsts = rollout.first.length / report.batchProblems.length;
  const attempt = (which: 1 | 2, index: number): TracedAttempt => {
    const offsets = which === 1 ? batch.firstOffsets : batch.secondOffsets;
    const [from, to] = [offsets[index], offsets[index + 1]];
    const r = which === 1 ? report.r1[index] : report.r2[index];
    const rewards: Record<string, number | null> = { reward: r };
    if (which === 2) rewards.shaping = report.terms.alpha * (r - report.r1[Math.floor(index / seconds)]);
    rewards.credit = which === 1 ? report.credit1[index] : report.credit2[index];
    return {
      turn: (which === 1 ? rollout.first : rollout.second)[index],
      verdict: (which === 1 ? report.verdicts1 : report.verdicts2)[index],
      refLogProbs: report.reference.subarray(from, to),
      kl: report.columns.kl.subarray(from, to),
      rewards,
      advantage: which === 1 ? report.advantage1[index] : report.advantage2[index],
    };
  };
  const count = seconds > 0 ? rollout.second.length : rollout.first.length;
  const episodes: TracedEpisode[] = Array.from({ length: count }, (_, e) => {
    const first = seconds > 0 ? Math.floor(e / seconds) : e;
    const problem = Math.floor(first / firsts);
    return {
      prompt: job.task.ask(report.batchProblems[problem])[0].content,
      problem,
      first,
      attempts: seconds > 0 ? [attempt(1, first), attempt(2, e)] : [attempt(1, first)],
    };
  });
  const head = { kind: 'train' as const, step: job.state.step, stage: report.stage, instruction: job.task.instruction };
  const { chat, tokenizer } = job.model;
  const read = {
    prompts: report.batchProblems.map((asked) => chat.prompt(job.task.ask(asked))),
    followUp: seconds > 0 ? chat.followUp(job.task.instruction) : [],
    isTarget: () => true,
  };
  return collectTraces(episodes, head, tokenizer, read);
}
