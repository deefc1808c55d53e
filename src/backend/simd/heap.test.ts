// The heap: alignment, no overlap, no growth, merging, and its sentences.
import { describe, expect, test } from 'vitest';
import { CounterRng } from '../../lib/counterRng';
import { Heap, sizeClass } from './heap';

const PAGE = 65536;
const heapOf = (pages: number, maximum: number) =>
  new Heap(new WebAssembly.Memory({ initial: pages, maximum, shared: true }), 1024);

describe('heap', () => {
  test('size classes are multiples of 64, hold the bytes and waste at most an eighth', () => {
    for (const bytes of [0, 1, 64, 65, 1000, 1024, 1025, 4097, 1e6, 123456789]) {
      const size = sizeClass(bytes);
      expect(size % 64).toBe(0);
      expect(size).toBeGreaterThanOrEqual(bytes);
      if (bytes > 1024) expect(size).toBeLessThanOrEqual(bytes * 1.126);
    }
  });

  test('blocks in use never overlap, whatever is freed in between', () => {
    const heap = heapOf(4, 400);
    const rng = new CounterRng(1, 2);
    const live: { start: number; end: number }[] = [];
    for (let i = 0; i < 4000; i++) {
      if (live.length > 40 || (live.length > 0 && rng.uniform() < 0.45)) {
        const [block] = live.splice(rng.integer(live.length), 1);
        heap.free(block.start);
      } else {
        const bytes = 1 + Math.floor(rng.uniform() ** 4 * 300000);
        const start = heap.allocate(bytes);
        expect(start % 64).toBe(0);
        const end = start + bytes;
        expect(end).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
        for (const other of live) expect(start < other.end && other.start < end).toBe(false);
        live.push({ start, end });
      }
    }
    for (const block of live) heap.free(block.start);
    expect(heap.statistics().bytesInUse).toBe(0);
    expect(heap.statistics().blocks).toBe(0);
  });

  test('repeating the same sizes does not grow the memory', () => {
    const heap = heapOf(1, 4000);
    const step = () => {
      const blocks = [100, 5000, 70000, 300000, 5000].map((bytes) => heap.allocate(bytes));
      for (const block of blocks) heap.free(block);
    };
    step();
    const { memoryBytes, peakBytes } = heap.statistics();
    for (let i = 0; i < 200; i++) step();
    expect(heap.statistics()).toEqual({ blocks: 0, bytesInUse: 0, peakBytes, memoryBytes });
  });

  test('small free neighbours are merged before the memory grows', () => {
    const heap = heapOf(16, 16);
    const blocks = Array.from({ length: 15 }, () => heap.allocate(PAGE));
    for (const block of blocks) heap.free(block);
    expect(heap.allocate(14 * PAGE)).toBeGreaterThan(0);
  });

  test('out of memory is said in a sentence, and the heap stays usable', () => {
    const heap = heapOf(1, 4);
    expect(() => heap.allocate(10 * PAGE)).toThrow(/simd memory: expected room for 1 MiB/);
    expect(heap.allocate(PAGE)).toBeGreaterThan(0);
  });

  test('freeing twice is refused', () => {
    const heap = heapOf(1, 4);
    const block = heap.allocate(10);
    heap.free(block);
    expect(() => heap.free(block)).toThrow(/freed twice/);
  });
});
