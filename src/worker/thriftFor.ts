// How much of a batch goes through a model at once on a device whose memory is not known: all of it if there is room, else halves,
// quarters and so on, added up to the same gradients (train/microBatches.ts); at last with blocks computed again in the backward pass.
import type { LanguageModel, TrainingThrift } from '../models/model';
import { VOCABULARY_CHUNK } from '../ops/projectedStatistics/projectedStatistics';
import type { RunPlan } from '../protocol/events';

const FLOAT = 4;
/** Rows are not divided: parts smaller than this would be single rows anyway. */
const MOST_PARTS = 64;
/** What computing blocks again leaves of a batch's bytes; deep models keep less. */
const LEFT_BY_RECOMPUTING = 0.4;

/**
 * @param hasRoomFor so many bytes more, of which one tensor takes `largest`
 * @returns undefined: nothing need be saved
 */
export async function thriftFor(
  { architecture }: Pick<LanguageModel, 'architecture'>,
  plan: RunPlan,
  hasRoomFor: (bytes: number, largest: number) => Promise<boolean>,
): Promise<TrainingThrift | undefined> {
  const { positions, batchBytes, trainedBytes, trainedParameters, cacheBytes } = plan;
  if (!positions || !batchBytes) return undefined;
  const { hidden, heads, headDim, vocabulary } = architecture.shape;
  const widest = Math.max(...[...architecture.tensors.values()].map(([rows]) => (rows === vocabulary ? 0 : rows)));
  // Where there are no chunks of a vocabulary, logits and their gradient are whole.
  const logits = FLOAT * 2 * positions * Math.max(0, vocabulary - VOCABULARY_CHUNK);
  const always = trainedBytes + (cacheBytes ?? 0);
  for (const recompute of [false, true]) {
    for (let parts = 1; parts <= MOST_PARTS; parts *= 2) {
      const share = 1 / parts;
      const kept = batchBytes * (recompute ? LEFT_BY_RECOMPUTING : 1);
      const bytes = always + (kept + logits) * share + (parts > 1 ? FLOAT * trainedParameters : 0);
      const largest = FLOAT * positions * share * Math.max(vocabulary, widest, hidden, heads * headDim);
      const thrift = { recompute, positionsAtOnce: Math.ceil(positions * share) };
      if (await hasRoomFor(bytes, largest)) return parts === 1 && !recompute ? undefined : thrift;
    }
  }
  // The least that can be asked of it; if that is too much, the device says so.
  return { recompute: true, positionsAtOnce: 1 };
}
