// Against Node's own SHA-256, for every length around the block's border and in uneven pieces.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256, sha256Hex } from './sha256';

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 131 + (i >> 3)) & 255);
const truth = (part: Uint8Array) => createHash('sha256').update(part).digest('hex');

test('every length', () => {
  for (let length = 0; length <= 200; length++) {
    const part = bytes.subarray(0, length);
    expect(sha256Hex(part)).toBe(truth(part));
  }
});

test('pieces of every size come to the same', () => {
  for (const size of [1, 7, 63, 64, 65, 1000]) {
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; at += size) hash.update(bytes.subarray(at, at + size));
    expect(hash.hex()).toBe(truth(bytes));
  }
});
