// A counter-based generator: a random number is a pure function of (seed, stream, position), so that the order
// in which rows are sampled, batched or resumed cannot change what any of them draws.
// Integer hash "lowbias32" by Chris Wellons (public domain constants 0x7feb352d, 0x846ca68b). The WGSL and
// AssemblyScript samplers implement exactly these lines.

const GOLDEN = 0x9e3779b9;

/** Mixes 32 bits. Returns an unsigned 32-bit integer. */
export function mix32(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  h ^= h >>> 16;
  return h >>> 0;
}

/** 32 random bits of (seed, stream, position), each taken modulo 2^32. */
export function counterBits(seed: number, stream: number, position: number): number {
  let h = mix32((seed + GOLDEN) | 0);
  h = mix32(((h + GOLDEN) | 0) ^ stream);
  return mix32(((h + GOLDEN) | 0) ^ position);
}

/** A uniform number in [0, 1) with 24 random bits: exactly representable in float32. */
export function counterUniform(seed: number, stream: number, position: number): number {
  return (counterBits(seed, stream, position) >>> 8) / 16777216;
}

/** Sequential draws on one stream, for code that wants "the next number". State is just `position`. */
export class CounterRng {
  constructor(
    readonly seed: number,
    readonly stream: number,
    public position = 0,
  ) {}

  /** Uniform in [0, 1). */
  uniform(): number {
    return counterUniform(this.seed, this.stream, this.position++);
  }

  /** Uniform integer in [0, n), n ≤ 2^24. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box-Muller; two draws). */
  normal(): number {
    const u = 1 - this.uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }
}
