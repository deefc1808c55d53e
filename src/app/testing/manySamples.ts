// A run of very many samples for tests of the Traces screen: made up, deterministic, read from no storage.
import type { TraceChunk } from '../../protocol/trace';
import { indexOfChunk } from '../../protocol/traceIndex';
import type { TraceKey } from '../../storage/storedTraces';
import type { TraceShelf } from '../../store/traceReader';
import { traceChunk } from './recordedLesson';

/** One step's chunk: the recorded one, its problems named after step and episode so that no two prompts are alike. */
export function namedChunk(step: number, kind: TraceChunk['kind'] = 'train'): TraceChunk {
  const chunk = traceChunk(step, kind);
  const prompts = chunk.prompts.map((_, e) => `step ${step} episode ${e}`);
  return { ...chunk, prompts };
}

/** `steps` chunks of 64 samples. Counts what is read. */
export function manySamples(steps: number): TraceShelf & { chunksRead: number } {
  const shelf = {
    chunksRead: 0,
    keys: async () => Array.from({ length: steps }, (_, i) => ({ step: i + 1, kind: 'train' as const })),
    indexes: async (keys: readonly TraceKey[]) => keys.map(({ step, kind }) => indexOfChunk(namedChunk(step, kind))),
    index: async ({ step, kind }: TraceKey) => indexOfChunk(namedChunk(step, kind)),
    chunk: async ({ step, kind }: TraceKey) => {
      shelf.chunksRead++;
      return namedChunk(step, kind);
    },
  };
  return shelf;
}
