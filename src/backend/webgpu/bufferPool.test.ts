// The pool's promises, on a device that only remembers: rounding, reuse, and giving back what lies idle.
import { expect, test } from 'vitest';
import { BufferPool, sizeClass } from './bufferPool';

const STORAGE = 128;
const MB = 1024 * 1024;

function pool() {
  const destroyed: number[] = [];
  const device = {
    createBuffer: ({ size, usage }: GPUBufferDescriptor) => ({ size, usage, destroy: () => destroyed.push(size) }),
  };
  return { pool: new BufferPool(device as unknown as GPUDevice), destroyed };
}

test('sizes are rounded up by a quarter at most, to multiples of 4 bytes, and classes are stable', () => {
  for (let bytes = 4; bytes < 5e6; bytes = Math.ceil(bytes * 1.037)) {
    const rounded = sizeClass(bytes);
    expect(rounded).toBeGreaterThanOrEqual(bytes);
    expect(rounded).toBeLessThanOrEqual(Math.max(256, bytes * 1.25));
    expect(rounded % 4).toBe(0);
    expect(sizeClass(rounded)).toBe(rounded);
  }
});

test('a released buffer serves the next tensor of its class and usage', () => {
  const { pool: buffers } = pool();
  const first = buffers.acquireBuffer(1000, STORAGE);
  buffers.releaseBuffer(first);
  expect(buffers.acquireBuffer(1020, STORAGE)).toBe(first);
  expect(buffers.acquireBuffer(1000, STORAGE)).not.toBe(first);
  expect(buffers.acquireBuffer(1000, STORAGE | 4)).not.toBe(first);
  expect([buffers.getNumUsedBuffers(), buffers.getNumFreeBuffers()]).toEqual([3, 0]);
});

test('rows of every length leave no more idle than the largest working set', () => {
  const { pool: buffers, destroyed } = pool();
  for (let step = 1; step <= 40; step++) {
    const working = Array.from({ length: 20 }, () => buffers.acquireBuffer(step * 300_000, STORAGE));
    for (const buffer of working) buffers.releaseBuffer(buffer);
  }
  const largest = 20 * sizeClass(40 * 300_000);
  expect(buffers.numBytesUsed).toBe(0);
  expect(buffers.numBytesAllocated).toBeLessThanOrEqual(largest);
  expect(buffers.numBytesAllocated).toBeGreaterThan(64 * MB);
  expect(destroyed.length).toBeGreaterThan(100);
  buffers.dispose();
  expect(buffers.numBytesAllocated).toBe(0);
});

test('releasing twice is a fault of ours and says so', () => {
  const { pool: buffers } = pool();
  const buffer = buffers.acquireBuffer(64, STORAGE);
  buffers.releaseBuffer(buffer);
  expect(() => buffers.releaseBuffer(buffer)).toThrow('released twice');
});
