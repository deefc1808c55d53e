// Reads tensors back. Reads asked for in the same turn share one staging buffer, one submit and one mapping: a decoding step
// that wants ids, log-probabilities and entropies waits for the GPU once. The copy is encoded at once, so the tensor may be
// disposed of or changed in place right after asking.
import type { BufferPool } from './bufferPool';

/** Reads above this many bytes get a staging buffer of their own. */
const SHARED_BYTES = 64 * 1024;

interface Batch {
  staging: GPUBuffer;
  bytes: number;
  /** resolves when the staging buffer is mapped */
  mapped: Promise<ArrayBuffer>;
}

export class ReadBack {
  private open: Batch | null = null;

  /**
   * @param encoder the encoder that all commands so far are in, outside of any pass
   * @param submit hands it to the GPU
   */
  constructor(
    private readonly pool: BufferPool,
    private readonly encoder: () => GPUCommandEncoder,
    private readonly submit: () => void,
  ) {}

  /** @param from first byte, a multiple of 4; bytes likewise */
  async read(buffer: GPUBuffer, from: number, bytes: number): Promise<ArrayBuffer> {
    const batch = this.batchFor(bytes);
    const offset = batch.bytes;
    batch.bytes += bytes;
    this.encoder().copyBufferToBuffer(buffer, from, batch.staging, offset, bytes);
    return (await batch.mapped).slice(offset, offset + bytes);
  }

  private batchFor(bytes: number): Batch {
    if (this.open && this.open.bytes + bytes <= this.open.staging.size) return this.open;
    const size = Math.max(SHARED_BYTES, bytes);
    const staging = this.pool.acquireBuffer(size, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
    const batch: Batch = { staging, bytes: 0, mapped: Promise.resolve().then(() => this.finish(batch)) };
    this.open = batch;
    return batch;
  }

  private async finish(batch: Batch): Promise<ArrayBuffer> {
    if (this.open === batch) this.open = null;
    this.submit();
    await batch.staging.mapAsync(GPUMapMode.READ, 0, batch.bytes);
    const values = batch.staging.getMappedRange(0, batch.bytes).slice(0);
    batch.staging.unmap();
    this.pool.releaseBuffer(batch.staging);
    return values;
  }
}
