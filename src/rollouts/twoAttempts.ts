// Conversations of two attempts: problem, first answer, correction instruction, second answer. Prompts are read once per problem,
// first attempts once for all their second attempts. Every draw is a function of (seed, key of the problem, k, k2, position).
import { counterBits } from '../lib/counterRng';
import { type Decoder, generate, type OnTokens, readTokens, repeatLogits, type Sampling, type Turn } from './generate';
import type { CachedRow } from './keyValueCache';

export interface TwoAttemptSettings {
  /** first attempts per problem */
  firsts: number;
  /** second attempts per first attempt; 0 = stop after the first */
  seconds: number;
  sampling: Sampling;
  /** of the second attempts, when it differs from `sampling` */
  secondTemperature?: number;
  /** what the user says between the attempts */
  instruction: string;
  /** called as tokens are written: attempt 0 or 1 */
  onTokens?: (attempt: 0 | 1, rows: Int32Array, ids: Int32Array) => void | Promise<void>;
}

export interface TwoAttemptRollout {
  /** [P·firsts] in the order (problem, k) */
  first: Turn[];
  /** [P·firsts·seconds] in the order (problem, k, k2) */
  second: Turn[];
}

/** The random stream of one answer. Attempt and indices are mixed so that no two answers of a run share one. */
export function answerStream(key: number, attempt: number, k: number, k2: number): number {
  return counterBits(key, attempt, k * 65536 + k2) | 0;
}

/**
 * @param prompts [P] token ids, ready for the assistant to write
 * @param keys [P] 32-bit names of the problems' random streams (mix the step into them)
 */
export async function twoAttempts(
  decoder: Decoder,
  prompts: readonly Int32Array[],
  keys: ArrayLike<number>,
  settings: TwoAttemptSettings,
): Promise<TwoAttemptRollout> {
  const { firsts, seconds, sampling, instruction, onTokens } = settings;
  const { cache, model } = decoder;
  const followUp = model.chat.followUp(instruction);
  const problems = prompts.length;
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  cache.reset(problems * (1 + firsts + firsts * seconds), Math.max(longest, sampling.maxTokens + followUp.length + 1));
  const watch = (attempt: 0 | 1): OnTokens | undefined => onTokens && ((rows, ids) => onTokens(attempt, rows, ids));

  const promptRows: CachedRow[] = prompts.map(() => ({ past: [], own: cache.allocate() }));
  const promptLogits = readTokens(decoder, promptRows, prompts);
  const owner = Int32Array.from({ length: problems * firsts }, (_, row) => Math.floor(row / firsts));
  const firstRows: CachedRow[] = Array.from(owner, (p) => ({ past: [promptRows[p].own], own: cache.allocate() }));
  const firstStreams = owner.map((p, row) => answerStream(keys[p], 0, row % firsts, 0));
  const first = await generate(decoder, firstRows, repeatLogits(promptLogits, owner), firstStreams, sampling, watch(0));
  if (seconds === 0) return { first, second: [] };

  // The last token of an answer has not been read yet: the end token opens the follow-up, a cut answer still needs its own.
  const unread = first.map((turn) =>
    turn.finish === 'end' ? followUp : Int32Array.of(turn.tokens[turn.tokens.length - 1], ...followUp),
  );
  const secondLogits = readTokens(decoder, firstRows, unread);
  const parent = Int32Array.from({ length: firstRows.length * seconds }, (_, row) => Math.floor(row / seconds));
  const secondRows: CachedRow[] = Array.from(parent, (f) => ({
    past: [...firstRows[f].past, { ...firstRows[f].own }],
    own: cache.allocate(),
  }));
  const again = { ...sampling, temperature: settings.secondTemperature ?? sampling.temperature };
  const secondStreams = parent.map((f, row) => answerStream(keys[owner[f]], 1, f % firsts, row % seconds));
  const second = await generate(
    decoder,
    secondRows,
    repeatLogits(secondLogits, parent),
    secondStreams,
    again,
    watch(1),
  );
  return { first, second };
}
