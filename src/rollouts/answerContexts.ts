// Answers to any contexts, one each: for protocols whose conversations are longer than two attempts. Everything said before is read
// again in every round, which costs some computing and keeps rounds free of state.
import type { LanguageModel } from '../models/model';
import { type Decoder, generate, readTokens, type Sampling, type Turn } from './generate';
import type { CachedRow } from './keyValueCache';

/**
 * @param contexts [R] token ids, ready for the assistant to write; their lengths may differ
 * @param streams [R] 32-bit names of the rows' random numbers
 */
export async function answerContexts(
  decoder: Decoder,
  contexts: readonly Int32Array[],
  streams: Int32Array,
  sampling: Sampling,
): Promise<Turn[]> {
  const longest = Math.max(...contexts.map((context) => context.length));
  decoder.cache.reset(contexts.length, longest + sampling.maxTokens + 1);
  const rows: CachedRow[] = contexts.map(() => ({ past: [], own: decoder.cache.allocate() }));
  const logits = readTokens(decoder, rows, contexts);
  return generate(decoder, rows, logits, streams, sampling);
}

/** What was said so far with one more answer and what the user says to it. */
export function continued(
  model: LanguageModel,
  context: Int32Array,
  answer: Pick<Turn, 'tokens' | 'finish'>,
  said: string,
): Int32Array {
  // The follow-up begins with the end token.
  const written = answer.finish === 'end' ? answer.tokens.subarray(0, -1) : answer.tokens;
  return Int32Array.from([...context, ...written, ...model.chat.followUp(said)]);
}
