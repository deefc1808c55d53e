// Files as they come out of a bad disk or a bad mind: seeded mutations of bytes, texts and JSON, for tests that feed them to readers.
import { CounterRng } from '../counterRng';

/** Numbers at which readers stumble. */
const EDGES = [0, 1, 127, 128, 255, 2 ** 15, 2 ** 16 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

function pick<T>(rng: CounterRng, list: readonly T[]): T {
  return list[rng.integer(list.length)];
}

/** One to four changes: bits, bytes, numbers of 32 bits, stretches cut, doubled or moved, the end cut off. */
export function mutateBytes(source: Uint8Array, seed: number): Uint8Array {
  const rng = new CounterRng(seed, 0x6d757400);
  let bytes = Array.from(source);
  for (let changes = 1 + rng.integer(4); changes > 0 && bytes.length > 0; changes--) {
    const at = rng.integer(bytes.length);
    const length = 1 + rng.integer(Math.min(64, bytes.length - at));
    const change = rng.integer(8);
    if (change === 0) bytes[at] ^= 1 << rng.integer(8);
    else if (change === 1) bytes[at] = rng.integer(256);
    else if (change === 2) bytes.splice(at, length);
    else if (change === 3) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else if (change === 4) bytes.splice(rng.integer(bytes.length), 0, ...bytes.splice(at, length));
    else if (change === 5) bytes = bytes.slice(0, at);
    else {
      const edge = pick(rng, EDGES);
      for (let i = 0; i < (change === 6 ? 4 : 8) && at + i < bytes.length; i++)
        bytes[at + i] = Math.floor(edge / 256 ** i) & 255;
    }
  }
  return Uint8Array.from(bytes);
}

/** The same for a text: what is put in are the signs of its own language. */
export function mutateText(source: string, seed: number, signs: readonly string[]): string {
  const rng = new CounterRng(seed, 0x6d757401);
  let text = source;
  for (let changes = 1 + rng.integer(4); changes > 0; changes--) {
    const at = rng.integer(text.length + 1);
    const length = rng.integer(40);
    const change = rng.integer(5);
    const rest = text.slice(at + length);
    if (change === 0) text = text.slice(0, at) + rest;
    else if (change === 1) text = text.slice(0, at) + pick(rng, signs) + text.slice(at);
    else if (change === 2) text = text.slice(0, at) + pick(rng, signs) + rest;
    else if (change === 3) text = text.slice(0, at) + text.slice(at, at + length).repeat(1 + rng.integer(20)) + rest;
    else text = text.slice(0, at);
  }
  return text;
}

const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  '\ud800',
  'x'.repeat(5000),
  [],
  {},
  [[[]]],
  [null],
];

/** One to three values somewhere in it become strange ones, are taken out, or change places with their neighbours. */
export function mutateJson(source: unknown, seed: number): unknown {
  const rng = new CounterRng(seed, 0x6d757402);
  const copy: unknown = structuredClone(source);
  for (let changes = 1 + rng.integer(3); changes > 0; changes--) {
    let node: unknown = copy;
    for (;;) {
      if (node === null || typeof node !== 'object') break;
      const owner = node as Record<string, unknown>;
      const keys = Object.keys(owner);
      if (keys.length === 0) break;
      const key = pick(rng, keys);
      const inside = owner[key];
      if (inside !== null && typeof inside === 'object' && rng.integer(4) > 0) {
        node = inside;
        continue;
      }
      const change = rng.integer(4);
      if (change === 0 && Array.isArray(node)) node.splice(Number(key), 1);
      else if (change === 0) delete owner[key];
      else if (change === 1) owner[key] = owner[pick(rng, keys)];
      else owner[key] = structuredClone(pick(rng, STRANGE));
      break;
    }
  }
  return copy;
}
