// Memory for tensors inside the shared WebAssembly.Memory. Freed blocks wait in a list per size class and are taken again
// as they are, so a training step that repeats its shapes allocates nothing. Before the memory would have to grow, all
// free blocks are merged with their neighbours and searched once (best fit).

/** Bytes; a cache line, so that no two tensors share one. */
const ALIGNMENT = 64;
const PAGE = 65536;
/** Bytes behind the last block that stay free: kernels may read (never write) a little past a tensor's end. */
const MARGIN = 1024;
/** The memory grows by at least this much: growing is slow and every view has to be made anew. */
const GROWTH = 16 * 1024 * 1024;

interface Block {
  start: number;
  bytes: number;
}

export interface HeapStatistics {
  /** Blocks and bytes in use now (bytes after rounding up to size classes), the most there ever was, and the memory held. */
  blocks: number;
  bytesInUse: number;
  peakBytes: number;
  memoryBytes: number;
}

/** Rounds up to 64 bytes, and above 1 KiB to an eighth of the power of two below: at most 12.5 % is wasted. */
export function sizeClass(bytes: number): number {
  if (bytes <= ALIGNMENT) return ALIGNMENT;
  const step = Math.max(ALIGNMENT, 2 ** (Math.floor(Math.log2(bytes)) - 3));
  return Math.ceil(bytes / step) * step;
}

export class Heap {
  private readonly quick = new Map<number, number[]>();
  /** Merged free blocks, by address. */
  private regions: Block[];
  private readonly sizes = new Map<number, number>();
  private bytesInUse = 0;
  private peakBytes = 0;

  /** @param firstByte where the heap begins; everything below belongs to the kernels */
  constructor(
    readonly memory: WebAssembly.Memory,
    firstByte: number,
  ) {
    const start = Math.ceil(firstByte / ALIGNMENT) * ALIGNMENT;
    this.regions = [{ start, bytes: memory.buffer.byteLength - MARGIN - start }];
  }

  /** @returns the address of `bytes` bytes, aligned to 64, with undefined content */
  allocate(bytes: number): number {
    const size = sizeClass(bytes);
    const start = this.quick.get(size)?.pop() ?? this.takeFromRegions(size) ?? this.takeAfterMerging(size);
    this.sizes.set(start, size);
    this.bytesInUse += size;
    if (this.bytesInUse > this.peakBytes) this.peakBytes = this.bytesInUse;
    return start;
  }

  free(start: number): void {
    const size = this.sizes.get(start);
    if (size === undefined) {
      throw new Error(
        `simd heap: expected the address of a block in use, got ${start}. It was freed twice or never given out.`,
      );
    }
    this.sizes.delete(start);
    this.bytesInUse -= size;
    const list = this.quick.get(size);
    if (list) list.push(start);
    else this.quick.set(size, [start]);
  }

  statistics(): HeapStatistics {
    const { bytesInUse, peakBytes } = this;
    return { blocks: this.sizes.size, bytesInUse, peakBytes, memoryBytes: this.memory.buffer.byteLength };
  }

  /** Peak statistics begin anew from what is in use now. */
  forgetPeak(): void {
    this.peakBytes = this.bytesInUse;
  }

  private takeFromRegions(size: number): number | undefined {
    let best = -1;
    for (let i = 0; i < this.regions.length; i++) {
      const { bytes } = this.regions[i];
      if (bytes >= size && (best < 0 || bytes < this.regions[best].bytes)) best = i;
    }
    if (best < 0) return undefined;
    const region = this.regions[best];
    const { start } = region;
    region.start += size;
    region.bytes -= size;
    if (region.bytes === 0) this.regions.splice(best, 1);
    return start;
  }

  private takeAfterMerging(size: number): number {
    this.mergeFreeBlocks();
    const start = this.takeFromRegions(size);
    if (start !== undefined) return start;
    this.grow(size);
    this.mergeFreeBlocks();
    return this.takeFromRegions(size)!;
  }

  private mergeFreeBlocks(): void {
    const blocks = this.regions;
    for (const [bytes, list] of this.quick) for (const start of list) blocks.push({ start, bytes });
    this.quick.clear();
    blocks.sort((a, b) => a.start - b.start);
    const merged: Block[] = [];
    for (const block of blocks) {
      const last = merged.at(-1);
      if (last && last.start + last.bytes === block.start) last.bytes += block.bytes;
      else merged.push(block);
    }
    this.regions = merged;
  }

  /** Asks for a comfortable amount, then for just enough. */
  private grow(size: number): void {
    const held = this.memory.buffer.byteLength;
    for (const bytes of [Math.max(GROWTH, size, held / 4), size]) {
      try {
        this.memory.grow(Math.ceil(bytes / PAGE));
        this.regions.push({ start: held - MARGIN, bytes: this.memory.buffer.byteLength - held });
        return;
      } catch {
        // Beyond the maximum, or the system has no more: the next, smaller wish.
      }
    }
    const mib = (n: number) => `${(n / 2 ** 20).toFixed(0)} MiB`;
    throw new RangeError(
      `simd memory: expected room for ${mib(size)}, but ${mib(this.bytesInUse)} are in use, ${mib(held)} are held and the system gives no more. Choose a smaller batch, fewer tokens or a smaller model.`,
    );
  }
}
