// Hostile and unlucky files: thousands of small changes to honest ones, and a watch over what reading them costs.
import { CounterRng } from '../../lib/counterRng';

type Bytes = Uint8Array<ArrayBuffer>;

/** Lengths and counts that readers trip over. */
const WICKED = [
  0n,
  1n,
  0xffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  1n << 40n,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
];
/** What a header in JSON may suddenly say. */
const WORDS = [
  '-1',
  '1e308',
  '9007199254740993',
  'null',
  '[]',
  '{}',
  '"x"',
  '0',
  '99999999999',
  '"F64"',
  'true',
  '[[[[',
];

const pick = <T>(rng: CounterRng, list: readonly T[]): T => list[Math.floor(rng.uniform() * list.length)];
const below = (rng: CounterRng, end: number) => Math.floor(rng.uniform() * Math.max(1, end));

function spliced(bytes: Uint8Array, from: number, to: number, insert: Uint8Array): Bytes {
  const out = new Uint8Array(from + insert.length + bytes.length - to);
  out.set(bytes.subarray(0, from));
  out.set(insert, from);
  out.set(bytes.subarray(to), from + insert.length);
  return out;
}

/** Replaces a run of letters or digits, as a header in JSON has them. */
function reworded(bytes: Bytes, at: number, rng: CounterRng): Bytes {
  const isWord = (byte: number) => (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 122);
  let from = at;
  while (from < bytes.length && !isWord(bytes[from])) from++;
  let to = from;
  while (to < bytes.length && to < from + 24 && isWord(bytes[to])) to++;
  return spliced(bytes, from, to, new TextEncoder().encode(pick(rng, WORDS)));
}

const CHANGES: ((bytes: Bytes, at: number, rng: CounterRng) => Bytes)[] = [
  (bytes, at, rng) => {
    bytes[at] ^= 1 << below(rng, 8);
    return bytes;
  },
  (bytes, at, rng) => {
    bytes[at] = below(rng, 256);
    return bytes;
  },
  (bytes, at, rng) => {
    if (at + 8 <= bytes.length) new DataView(bytes.buffer).setBigUint64(at, pick(rng, WICKED), true);
    return bytes;
  },
  (bytes, at, rng) => {
    if (at + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(at, Number(pick(rng, WICKED) & 0xffffffffn), true);
    return bytes;
  },
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, rng) => spliced(bytes, at, Math.min(bytes.length, at + below(rng, 64)), new Uint8Array(0)),
  (bytes, at, rng) => spliced(bytes, at, at, bytes.slice(at, at + below(rng, 64))),
  (bytes, at, rng) =>
    spliced(
      bytes,
      at,
      at,
      Uint8Array.from({ length: below(rng, 32) }, () => below(rng, 256)),
    ),
  reworded,
];

/** @param head where most changes fall: bytes of the header */
export function mutate(honest: Uint8Array, head: number, seed: number): Bytes {
  const rng = new CounterRng(seed, 0x66757a7a);
  let bytes: Bytes = new Uint8Array(honest);
  for (let changes = 1 + below(rng, 3); changes > 0; changes--) {
    const at = below(rng, rng.uniform() < 0.85 ? Math.min(head, bytes.length) : bytes.length);
    if (bytes.length > 0) bytes = pick(rng, CHANGES)(bytes, at, rng);
  }
  return bytes;
}

const ARRAYS = ['Uint8Array', 'Int8Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array'] as const;

/** Counts bytes of typed arrays made while `job` runs: every `new X(length)` and copy by constructor, in whatever code. */
export async function countAllocations<T>(job: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  let bytes = 0;
  const before = ARRAYS.map((name) => [name, globalThis[name]] as const);
  for (const [name, Original] of before) {
    const counting: object = new Proxy(Original, {
      construct(target, args, newTarget): object {
        const made: ArrayBufferView = Reflect.construct(target, args, newTarget === counting ? target : newTarget);
        if (!(args[0] instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
    Reflect.set(globalThis, name, counting);
  }
  try {
    return { result: await job(), bytes };
  } finally {
    for (const [name, Original] of before) Reflect.set(globalThis, name, Original);
  }
}

export interface FuzzCounts {
  mutations: number;
  /** still read */
  survived: number;
  refused: number;
  /** errors that are not of our class, with the seed that brings them back */
  strangers: string[];
  /** seconds of this process's own work */
  slowest: number;
  /** most bytes beyond what is allowed for the file's length; ≤ 0 is right */
  overBudget: number;
}

/** Bytes that reading a file of this length may allocate in all. */
const budget = (length: number) => 64 * 1024 * 1024 + 32 * length;

/** @param read opens a file and reads all of it; counts bytes it got from the file itself with `count` */
export async function fuzz(
  honest: Uint8Array,
  head: number,
  mutations: number,
  read: (bytes: Bytes, count: (bytes: number) => void) => Promise<unknown>,
): Promise<FuzzCounts> {
  const counts: FuzzCounts = { mutations, survived: 0, refused: 0, strangers: [], slowest: 0, overBudget: -Infinity };
  for (let seed = 0; seed < mutations; seed++) {
    const bytes = mutate(honest, head, seed);
    let taken = 0;
    const began = process.cpuUsage();
    const { bytes: made, result } = await countAllocations(async () => {
      try {
        await read(bytes, (part) => {
          taken += part;
        });
        return null;
      } catch (error) {
        return error;
      }
    });
    const { user, system } = process.cpuUsage(began);
    counts.slowest = Math.max(counts.slowest, (user + system) / 1e6);
    counts.overBudget = Math.max(counts.overBudget, made + taken - budget(bytes.length));
    if (result === null) counts.survived++;
    else if (result instanceof Error && result.name === 'StudioError') counts.refused++;
    else counts.strangers.push(`seed ${seed}: ${result instanceof Error ? result.stack : String(result)}`);
  }
  return counts;
}
