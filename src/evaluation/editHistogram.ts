// How far second attempts are from first ones (SCoRe, arXiv 2409.12917, figure 4): Levenshtein over tokens / (length 1 + length 2).
// The paper does not say whether characters or tokens.
import { editDistanceRatio } from '../lib/editDistance';
import type { TraceChunk } from '../protocol/trace';

const BINS = 10;

/** Episodes of two attempts by edit-distance ratio: first those unchanged (ratio 0), then tenths (0, 0.1], (0.1, 0.2] … (0.9, 1]. */
export function editHistogram(chunk: Pick<TraceChunk, 'episodes' | 'attempts' | 'offsets' | 'tokens'>): number[] {
  const counts = new Array<number>(BINS + 1).fill(0);
  for (let e = 0; e < chunk.episodes; e++) {
    const answer = (a: number) => {
      const at = e * chunk.attempts + a;
      return chunk.tokens.subarray(chunk.offsets[at], chunk.offsets[at + 1]);
    };
    counts[Math.min(BINS, Math.ceil(editDistanceRatio(answer(0), answer(1)) * BINS - 1e-9))]++;
  }
  return counts;
}
