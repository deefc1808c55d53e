// Frequencies of rotary positions as configurations describe them, old spelling (rope_theta, rope_scaling, rotary_pct) and new
// (rope_parameters, for Gemma one entry per kind of layer). Angles are float64 until the table is written; transformers rounds the
// frequencies to float32 first, which differs by at most 6e-8 of the angle.
import { StudioError } from '../protocol/errors';
import { type Config, type ConfigReader, isObject } from './configReader';

/** cos and sin by position, [positions, half] each. */
export interface RotaryValues {
  cos: Float32Array;
  sin: Float32Array;
  positions: number;
}

export interface Rope {
  theta: number;
  /** share of the head that is turned */
  partial: number;
  scaling:
    | { kind: 'default' }
    | { kind: 'linear'; factor: number }
    | { kind: 'divisors'; divisors: number[] }
    | Llama3Scaling;
}

/** Long wavelengths are divided by `factor`, short ones kept, those between blended (Llama 3.1). */
interface Llama3Scaling {
  kind: 'llama3';
  factor: number;
  low: number;
  high: number;
  /** original_max_position_embeddings */
  original: number;
}

interface RopeDefaults {
  theta: number;
  partial?: number;
  /** names of the base frequency and of the share in files written before transformers 5 */
  thetaNames?: string[];
  partialNames?: string[];
  /** the kind of layer whose entry of rope_parameters is meant */
  layerType?: string;
  /** whether the old rope_scaling belongs to this kind of layer */
  scaled?: boolean;
}

const objectAt = (read: ConfigReader, name: string): Config => {
  const value = read.json[name];
  if (value == null) return {};
  return isObject(value)
    ? value
    : read.refuse(`expected ${name} to be an object or null, got ${JSON.stringify(value)}.`);
};

export function readRope(read: ConfigReader, defaults: RopeDefaults): Rope {
  const { thetaNames = ['rope_theta'], partialNames = ['partial_rotary_factor'], scaled = true } = defaults;
  const all = objectAt(read, 'rope_parameters');
  const own = defaults.layerType === undefined ? all : all[defaults.layerType];
  const fresh = isObject(own) ? own : {};
  const old = scaled ? objectAt(read, 'rope_scaling') : {};
  // Where both spellings are present, transformers takes the scaling from the old one and the rest from the new one.
  const said = Object.keys(old).length > 0 ? old : fresh;
  const first = (inside: string, names: string[]) =>
    [said[inside], fresh[inside], ...names.map((name) => read.json[name])].find((value) => value != null);
  const theta = read.positive('rope_theta', defaults.theta, first('rope_theta', thetaNames));
  const share = first('partial_rotary_factor', partialNames);
  const partial = read.positive('partial_rotary_factor', defaults.partial ?? 1, share);
  if (partial > 1) read.refuse(`expected partial_rotary_factor of at most 1, got ${partial}.`);
  const kind = said.rope_type ?? said.type ?? 'default';
  const number = (name: string, fallback?: unknown) => read.positive(name, undefined, said[name] ?? fallback);
  if (kind === 'default') return { theta, partial, scaling: { kind } };
  if (kind === 'linear') return { theta, partial, scaling: { kind, factor: number('factor') } };
  if (kind === 'llama3') {
    const [factor, low, high] = ['factor', 'low_freq_factor', 'high_freq_factor'].map((name) => number(name));
    if (high <= low) read.refuse(`expected high_freq_factor above low_freq_factor, got ${high} and ${low}.`);
    const original = number('original_max_position_embeddings', read.json.max_position_embeddings);
    return { theta, partial, scaling: { kind, factor, low, high, original } };
  }
  if (kind === 'divisors') return { theta, partial, scaling: { kind, divisors: divisorsOf(read, said.divisors) } };
  return read.refuse(
    `expected plain rotary positions, "linear" or "llama3", got rope type "${String(kind)}", which is not implemented yet.`,
  );
}

/** How GGUF files write Llama 3's scaling: a divisor for every frequency. */
function divisorsOf(read: ConfigReader, value: unknown): number[] {
  const isDivisor = (divisor: unknown) => typeof divisor === 'number' && divisor > 0 && Number.isFinite(divisor);
  if (!Array.isArray(value) || !value.every(isDivisor)) {
    return read.refuse(`expected divisors of rotary frequencies above 0, got ${JSON.stringify(value)?.slice(0, 80)}.`);
  }
  return value;
}

function scale(frequency: number, i: number, { scaling }: Rope): number {
  if (scaling.kind === 'default') return frequency;
  if (scaling.kind === 'linear') return frequency / scaling.factor;
  if (scaling.kind === 'divisors') return frequency / scaling.divisors[i];
  const { factor, low, high, original } = scaling;
  const turns = (original * frequency) / (2 * Math.PI); // in the original context
  if (turns > high) return frequency;
  if (turns < low) return frequency / factor;
  const kept = (turns - low) / (high - low);
  return kept * frequency + ((1 - kept) * frequency) / factor;
}

/** Longer contexts than this are refused when they are asked for. */
const MAX_POSITIONS = 8192;

/** The positions a model of this configuration is offered with. */
export const positionsOf = (maxPositions: number): number => Math.min(maxPositions, MAX_POSITIONS);

export function rotaryValues(rope: Rope, headDim: number, positions: number): RotaryValues {
  // An odd number of turned dimensions is rounded up, their frequencies are not: so the original does it.
  const turned = Math.floor(headDim * rope.partial);
  const half = Math.ceil(turned / 2);
  const { scaling } = rope;
  if (2 * half > headDim || (scaling.kind === 'divisors' && scaling.divisors.length !== half)) {
    throw new StudioError(
      'model',
      `config.json: expected heads with room for ${2 * half} turned dimensions, and as many divisors as pairs of them, got ${headDim} and ${scaling.kind === 'divisors' ? scaling.divisors.length : 'none'}.`,
    );
  }
  const frequencies = Array.from({ length: half }, (_, i) => scale(rope.theta ** ((-2 * i) / turned), i, rope));
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let p = 0; p < positions; p++) {
    for (let i = 0; i < half; i++) {
      const angle = p * frequencies[i];
      cos[p * half + i] = Math.cos(angle);
      sin[p * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin, positions };
}
