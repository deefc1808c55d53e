// One episode of a step to look at while it runs: a flip where there is one, since flips are what the page is about.
import { expandTrace } from '../protocol/expandTrace';
import type { Trace, TraceChunk } from '../protocol/trace';

/** Prefers wrong → right, then right → wrong, else the step's first episode. */
export function sampleOf(chunk: TraceChunk): Trace | null {
  if (chunk.episodes === 0) return null;
  let chosen = 0;
  if (chunk.attempts > 1) {
    for (const [before, after] of [
      [0, 1],
      [1, 0],
    ]) {
      const flip = Array.from({ length: chunk.episodes }, (_, e) => e).find(
        (e) => chunk.correct[2 * e] === before && chunk.correct[2 * e + 1] === after,
      );
      if (flip !== undefined) {
        chosen = flip;
        break;
      }
    }
  }
  return expandTrace(chunk, chosen);
}
