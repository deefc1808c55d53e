// A step's rollouts as one packed batch: a row is [prompt, first answer, instruction | second answer | second answer | …], so that
// all second attempts of one first attempt share its forward pass. Which token of the batch belongs to which answer is kept.
import type { LanguageModel } from '../models/model';
import type { TwoAttemptRollout } from '../rollouts/twoAttempts';
import { BatchPacker, type PackedBatch } from './packedBatch';

export interface TwoAttemptBatch extends PackedBatch {
  /** [F + 1] tokens of first answer f are firstOffsets[f] … firstOffsets[f+1] of the N predicted tokens */
  firstOffsets: Int32Array;
  /** [E + 1] likewise for second answers */
  secondOffsets: Int32Array;
  /** [N] log-probabilities as sampled */
  sampledLogProbs: Float32Array;
}

/**
 * @param prompts [P] @param rollout first [P·K] and second [P·K·K2] answers
 * Predicted tokens are ordered: all first answers, then all second answers; end tokens included, prompts never.
 */
export function packTwoAttempts(
  model: LanguageModel,
  prompts: readonly Int32Array[],
  rollout: TwoAttemptRollout,
  instruction: string,
): TwoAttemptBatch {
  const { first, second } = rollout;
  const firsts = first.length / prompts.length;
  const seconds = second.length / first.length;
  const followUp = model.chat.followUp(instruction);
  const packer = new BatchPacker();
  const firstOffsets = new Int32Array(first.length + 1);
  const secondOffsets = new Int32Array(second.length + 1);
  const sampled: Float32Array[] = [];
  const shared: number[] = [];
  let count = 0;
  first.forEach((turn, f) => {
    const prompt = prompts[Math.floor(f / firsts)];
    // The end token opens the follow-up; without a second attempt it is predicted but never read.
    const answer = turn.finish === 'end' ? turn.tokens.subarray(0, -1) : turn.tokens;
    const row = packer.newRow();
    packer.append(row, [...prompt, ...answer, ...(seconds > 0 ? followUp : [])]);
    shared[f] = packer.rowLength(row);
    turn.tokens.forEach((id, i) => {
      packer.predict(row, prompt.length - 1 + i, id);
    });
    sampled.push(turn.logProbs);
    count += turn.tokens.length;
    firstOffsets[f + 1] = count;
  });
  secondOffsets[0] = count;
  second.forEach((turn, e) => {
    const row = Math.floor(e / seconds);
    const start = packer.append(row, turn.tokens.subarray(0, -1), shared[row]);
    turn.tokens.forEach((id, i) => {
      packer.predict(row, i === 0 ? shared[row] - 1 : start + i - 1, id);
    });
    sampled.push(turn.logProbs);
    count += turn.tokens.length;
    secondOffsets[e + 1] = count;
  });
  const sampledLogProbs = new Float32Array(count);
  let at = 0;
  for (const list of sampled) {
    sampledLogProbs.set(list, at);
    at += list.length;
  }
  return { ...packer.finish(model.chat.endId), firstOffsets, secondOffsets, sampledLogProbs };
}

/** Adds `value(answer)` to every token of each answer. @param offsets [answers + 1] */
export function spread(weights: Float32Array, offsets: Int32Array, value: (answer: number) => number): void {
  for (let answer = 0; answer + 1 < offsets.length; answer++) {
    const v = value(answer);
    for (let i = offsets[answer]; i < offsets[answer + 1]; i++) weights[i] += v;
  }
}

/** Sums a per-token column over each answer. */
export function sumPerAnswer(column: ArrayLike<number>, offsets: Int32Array): Float64Array {
  const sums = new Float64Array(offsets.length - 1);
  for (let answer = 0; answer < sums.length; answer++) {
    for (let i = offsets[answer]; i < offsets[answer + 1]; i++) sums[answer] += column[i];
  }
  return sums;
}
