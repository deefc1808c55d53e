// Windows instead of pieces: the same bytes, fewer requests, bounded memory.
import { expect, test } from 'vitest';
import { memoryBytes } from '../models/files/memoryBytes';
import { readAhead } from './readAhead';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 255);

function counted(windows: number) {
  const asked: [number, number][] = [];
  const source = memoryBytes('x', bytes);
  const read = (offset: number, length: number) => {
    asked.push([offset, length]);
    return source.read(offset, length);
  };
  return { asked, file: readAhead({ ...source, read }, 100, windows) };
}

test('in order, every window is asked for once', async () => {
  const { asked, file } = counted(1);
  const got: number[] = [];
  for (let at = 0; at < 1000; at += 37) got.push(...(await file.read(at, Math.min(37, 1000 - at))));
  expect(got).toEqual([...bytes]);
  expect(asked).toEqual(Array.from({ length: 10 }, (_, i) => [i * 100, 100]));
});

test('across windows, at the end, and nothing at all', async () => {
  const { asked, file } = counted(2);
  expect(await file.read(90, 320)).toEqual(bytes.slice(90, 410));
  expect(await file.read(995, 5)).toEqual(bytes.slice(995));
  expect(await file.read(5, 0)).toEqual(new Uint8Array(0));
  expect(asked.length).toBe(6);
  await expect(file.read(990, 11)).rejects.toThrow(/expected bytes within 0…1000/);
});

test('the windows used last are held', async () => {
  const { asked, file } = counted(2);
  for (const at of [0, 100, 0, 200, 0, 100]) await file.read(at, 10);
  // 100 was let go when 200 came, as 0 had been used after it.
  expect(asked.map(([offset]) => offset)).toEqual([0, 100, 200, 100]);
});
