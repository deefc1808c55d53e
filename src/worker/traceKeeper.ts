// Keeps the samples of one run within their budget. Knows every kept chunk's size, so that nothing is measured while a run goes.
import type { TraceChunk } from '../protocol/trace';
import { type ChunkSize, chunksToThin, type TraceRecord } from '../protocol/traceBudget';
import { bytesOfChunk } from '../protocol/traceIndex';
import { thinTraces } from '../storage/storedTraceBudget';
import { putTraces } from '../storage/storedTraces';

export class TraceKeeper {
  private chunks = new Map<string, ChunkSize>();
  private thinned: Set<number>;
  private used = 0;

  /** @param chunks kept so far @param thinned steps that lost samples before */
  constructor(
    private readonly runId: string,
    private budgetBytes: number,
    chunks: readonly ChunkSize[] = [],
    thinned: readonly number[] = [],
  ) {
    this.thinned = new Set(thinned);
    for (const chunk of chunks) this.count(chunk);
  }

  get record(): TraceRecord {
    const thinnedSteps = [...this.thinned].sort((a, b) => a - b);
    return { budgetBytes: this.budgetBytes, usedBytes: this.used, thinnedSteps };
  }

  /** Takes effect with the next chunk. */
  limit(bytes: number): void {
    this.budgetBytes = bytes;
  }

  /** @returns the record when samples were given up, else null */
  async put(chunk: TraceChunk): Promise<TraceRecord | null> {
    await putTraces(this.runId, chunk);
    const { step, kind } = chunk;
    this.count({ step, kind, bytes: bytesOfChunk(chunk) });
    if (this.used <= this.budgetBytes) return null;
    const gone = chunksToThin([...this.chunks.values()], this.budgetBytes);
    for (const old of gone) this.discount(old);
    await thinTraces(this.runId, gone, this.record);
    return this.record;
  }

  private count(chunk: ChunkSize): void {
    const key = `${chunk.step} ${chunk.kind}`;
    this.used += chunk.bytes - (this.chunks.get(key)?.bytes ?? 0);
    this.chunks.set(key, chunk);
  }

  private discount(chunk: ChunkSize): void {
    this.used -= chunk.bytes;
    this.chunks.delete(`${chunk.step} ${chunk.kind}`);
    this.thinned.add(chunk.step);
  }
}
