// Every block type against blocks that gguf-py wrote and read: values to the last bit, our own quantising byte for byte.
import { describe, expect, test } from 'vitest';
import { BLOCK_TYPES, typeName, typeOfId } from '../../lib/blocks/blockTypes';
import { dequantise } from '../../lib/blocks/dequantise';
import { quantise } from '../../lib/blocks/quantise';
import { goldenJson } from '../testing/goldenFiles';
import type { StoredType } from './tensorSource';

interface Blocks {
  ggml_type: number;
  block_elements: number;
  block_bytes: number;
  random_blocks?: { raw: string; y: string };
  from_floats?: { x: string; raw: string; y: string };
}

const golden: Record<string, Blocks> = goldenJson(
  'gguf',
  'quant_blocks.json',
  new URL('../fixtures/gguf/', import.meta.url),
);

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const floatsOf = (base64: string) => new Float32Array(bytesOf(base64).buffer);
const isRead = (name: string): name is StoredType => name in BLOCK_TYPES;
const read = Object.keys(golden).filter(isRead);
const refused = Object.keys(golden).filter((name) => !isRead(name));

/** Distance in units of the last place; both NaN or equal: 0. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const bits = new Int32Array(Float32Array.of(a, b).buffer);
  const ordered = [...bits].map((bit) => (bit < 0 ? -(bit & 0x7fffffff) : bit));
  return Math.abs(ordered[0] - ordered[1]);
}

test('the reference has every type we read', () => {
  expect(read.sort()).toEqual(Object.keys(BLOCK_TYPES).sort());
});

describe.each(read)('%s', (type) => {
  const { ggml_type, block_elements, block_bytes, ...sets } = golden[type];

  test('has the size of the reference', () => {
    expect(BLOCK_TYPES[type]).toEqual({ id: ggml_type, elements: block_elements, bytes: block_bytes });
    expect(typeOfId(ggml_type)).toBe(type);
  });

  test.each(Object.entries(sets))('reads %s to within one unit of the last place', (_, { raw, y }) => {
    const wanted = floatsOf(y);
    const got = new Float32Array(wanted.length);
    expect(dequantise(type, bytesOf(raw), got)).toBe(wanted.length);
    const worst = wanted.reduce((most, value, i) => Math.max(most, ulps(value, got[i])), 0);
    expect(worst).toBeLessThanOrEqual(1);
  });
});

test.each(['Q8_0', 'Q4_0'] as const)('quantising to %s writes the reference’s bytes', (type) => {
  const { x, raw } = golden[type].from_floats!;
  expect(quantise(type, floatsOf(x))).toEqual(bytesOf(raw));
});

test('what is no whole block is not quantised', () => {
  expect(() => quantise('Q8_0', new Float32Array(33))).toThrow(/expected a multiple of 32 numbers, got 33/);
});

test.each(refused)('%s is known by name and not read', (name) => {
  expect(typeOfId(golden[name].ggml_type)).toBeNull();
  expect(typeName(golden[name].ggml_type)).toBe(name);
});
