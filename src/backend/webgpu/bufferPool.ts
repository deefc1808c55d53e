// The pool of GPU buffers under tfjs, in place of tfjs' BufferManager, which pools by exact size and never gives back: texts of
// varying length would leave a full set of activations behind for every length. Here sizes are rounded to four classes per
// octave, and what lies idle beyond the largest working set is destroyed, oldest first.

/** Idle bytes that are always kept. */
const KEPT_BYTES = 64 * 1024 * 1024;
const SMALLEST = 256;
/** Room is asked for in pieces of this size. */
const PROBE_BYTES = 128 * 2 ** 20;

/** Rounds up to 4, 5, 6 or 7 times a power of two: at most a quarter more than asked. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

export class BufferPool {
  /** The names tfjs reports in memory(). */
  numBytesUsed = 0;
  numBytesAllocated = 0;
  private mostBytesUsed = 0;
  private readonly used = new Set<GPUBuffer>();
  /** by class and usage, youngest first; the same buffers as in `idle` */
  private readonly free = new Map<string, GPUBuffer[]>();
  /** in the order they were made */
  private readonly ages = new WeakMap<GPUBuffer, number>();
  private made = 0;
  /** in the order they became idle */
  private readonly idle = new Set<GPUBuffer>();
  private disposed = false;

  constructor(private readonly device: GPUDevice) {}

  /** A buffer of at least `size` bytes. @param reuse false: a fresh one, that releaseBuffer(…, false) destroys */
  acquireBuffer(size: number, usage: GPUBufferUsageFlags, mappedAtCreation = false, reuse = true): GPUBuffer {
    const bytes = sizeClass(size);
    const kept = reuse && !mappedAtCreation ? this.free.get(keyOf(bytes, usage))?.pop() : undefined;
    if (kept) this.idle.delete(kept);
    else this.numBytesAllocated += bytes;
    const buffer = kept ?? this.device.createBuffer({ size: bytes, usage, mappedAtCreation });
    if (!kept) this.ages.set(buffer, this.made++);
    this.used.add(buffer);
    this.numBytesUsed += bytes;
    this.mostBytesUsed = Math.max(this.mostBytesUsed, this.numBytesUsed);
    return buffer;
  }

  /** A buffer of exactly this size, filled with zeros; releaseBuffer(…, false) destroys it. */
  acquireExact(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ size, usage });
    this.used.add(buffer);
    this.numBytesAllocated += size;
    this.numBytesUsed += size;
    this.mostBytesUsed = Math.max(this.mostBytesUsed, this.numBytesUsed);
    return buffer;
  }

  /** Only after the commands that use the buffer were submitted. */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    if (this.disposed) return;
    if (!this.used.delete(buffer)) {
      throw new Error('webgpu: expected a buffer of this pool that is in use, got another. It was released twice.');
    }
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.destroy(buffer);
      return;
    }
    const key = keyOf(buffer.size, buffer.usage);
    this.insert(this.free.get(key) ?? [], key, buffer);
    this.idle.add(buffer);
    this.trim();
  }

  /**
   * Could so many bytes be had on top of what is in use? Asked by taking them and giving them back.
   * @param largest of one tensor
   */
  async hasRoomFor(bytes: number, largest: number): Promise<boolean> {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    if (!Number.isFinite(bytes) || largest > Math.min(maxStorageBufferBindingSize, maxBufferSize)) return false;
    const taken: GPUBuffer[] = [];
    let isFull = false;
    for (let missing = bytes - (this.numBytesAllocated - this.numBytesUsed); missing > 0 && !isFull; ) {
      const size = Math.ceil(Math.min(missing, PROBE_BYTES, maxBufferSize) / 4) * 4;
      this.device.pushErrorScope('out-of-memory');
      taken.push(this.device.createBuffer({ label: 'room?', size, usage: GPUBufferUsage.STORAGE }));
      isFull = (await this.device.popErrorScope()) !== null;
      missing -= size;
    }
    for (const buffer of taken) buffer.destroy();
    return !isFull;
  }

  getNumUsedBuffers(): number {
    return this.used.size;
  }

  getNumFreeBuffers(): number {
    return this.idle.size;
  }

  dispose(): void {
    this.disposed = true;
    for (const buffer of [...this.used, ...this.idle]) buffer.destroy();
    this.used.clear();
    this.idle.clear();
    this.free.clear();
    this.numBytesUsed = 0;
    this.numBytesAllocated = 0;
  }

  /**
   * The oldest buffer is the next to be taken, whatever the order of releases: a step that asks for the same sizes gets the same
   * buffers for the same tensors, and the bind groups made of them serve again.
   */
  private insert(list: GPUBuffer[], key: string, buffer: GPUBuffer): void {
    const age = this.ages.get(buffer) ?? 0;
    let at = list.length;
    while (at > 0 && (this.ages.get(list[at - 1]) ?? 0) < age) at--;
    list.splice(at, 0, buffer);
    this.free.set(key, list);
  }

  private trim(): void {
    const limit = Math.max(KEPT_BYTES, this.mostBytesUsed);
    for (const buffer of this.idle) {
      if (this.numBytesAllocated - this.numBytesUsed <= limit) return;
      this.idle.delete(buffer);
      const list = this.free.get(keyOf(buffer.size, buffer.usage));
      list?.splice(list.indexOf(buffer), 1);
      this.destroy(buffer);
    }
  }

  private destroy(buffer: GPUBuffer): void {
    this.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }
}

const keyOf = (bytes: number, usage: GPUBufferUsageFlags) => `${bytes}_${usage}`;
