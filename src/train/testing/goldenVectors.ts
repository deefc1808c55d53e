// Reference vectors (values and gradients in float64) for losses that are plain functions of log-probabilities: reads them, and
// carries weights per token back to the logits in float64, so that a loss is compared at 1e-10. With GOLDENS_DIR set, other vectors
// of the same layout are read instead of the fixtures.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export interface Numbers {
  shape: number[];
  data: number[];
}

// The files hold tables of many forms; a test names the form it reads.
// biome-ignore lint/suspicious/noExplicitAny: as said above
type Anything = any;

export interface GoldenEntry {
  name: string;
  params: Record<string, Anything>;
  /** names resolved */
  inputs: Record<string, Anything>;
  outputs: Record<string, Anything>;
  grad: Record<string, Numbers>;
}

/** One file as it is: GOLDENS_DIR/<folder>/<name>.json where there is one, else the fixture beside the tests. */
export function readGoldenFile(folder: string, name: string, fixture: URL): Anything {
  const other = process.env.GOLDENS_DIR ? join(process.env.GOLDENS_DIR, folder, `${name}.json`) : null;
  return JSON.parse(readFileSync(other && existsSync(other) ? other : fixture, 'utf8'));
}

/** The entries of one file, their inputs resolved. */
export function readGoldens(folder: string, name: string, fixture: URL): GoldenEntry[] {
  const file = readGoldenFile(folder, name, fixture);
  const resolve = (value: Anything, key: string): Anything => {
    if (typeof value !== 'string' || !value.startsWith('@')) return value;
    return file.inputs[value.slice(1)] ?? file.entries.find((e: GoldenEntry) => e.name === value.slice(1)).inputs[key];
  };
  return file.entries.map((entry: Anything) => {
    const listed = Array.isArray(entry.inputs)
      ? Object.fromEntries(entry.inputs.map((input: string) => [input, file.inputs[input]]))
      : Object.fromEntries(Object.entries(entry.inputs ?? {}).map(([key, value]) => [key, resolve(value, key)]));
    return { ...entry, params: entry.params ?? {}, inputs: listed };
  });
}

/** The scored tokens of [B, T, V] logits, row by row, with their log-probabilities. */
export interface ScoredTokens {
  /** [B + 1]; a row without scored tokens is an empty answer */
  offsets: Int32Array;
  logProb: Float64Array;
  /** gradient of −Σ w·logProb with respect to the logits, shaped like them */
  gradient(weights: ArrayLike<number>): Float64Array;
}

export function scoreTokens(logits: Numbers, ids: Numbers, mask: Numbers, temperature = 1): ScoredTokens {
  const [rows, time, vocabulary] = logits.shape;
  const at: number[] = [];
  const offsets = [0];
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < time; t++) if (mask.data[row * time + t]) at.push(row * time + t);
    offsets.push(at.length);
  }
  const distribution = (position: number): number[] => {
    const scaled = logits.data.slice(position * vocabulary, (position + 1) * vocabulary).map((x) => x / temperature);
    const top = Math.max(...scaled);
    const total = scaled.reduce((sum, x) => sum + Math.exp(x - top), 0);
    return scaled.map((x) => x - top - Math.log(total));
  };
  return {
    offsets: Int32Array.from(offsets),
    logProb: Float64Array.from(at, (position) => distribution(position)[ids.data[position]]),
    gradient(weights) {
      const gradient = new Float64Array(logits.data.length);
      at.forEach((position, i) => {
        distribution(position).forEach((lp, v) => {
          const hit = v === ids.data[position] ? 1 : 0;
          gradient[position * vocabulary + v] = (-weights[i] * (hit - Math.exp(lp))) / temperature;
        });
      });
      return gradient;
    },
  };
}

/** Labels as Hugging Face has them (a position's label is its own token, −100 = no loss) as ids and mask of the position before. */
export function shiftLabels(labels: Numbers): { ids: Numbers; mask: Numbers } {
  const [rows, time] = labels.shape;
  const next = Array.from({ length: rows * time }, (_, i) => (i % time === time - 1 ? -100 : labels.data[i + 1]));
  const shape = [rows, time];
  return {
    ids: { shape, data: next.map((id) => Math.max(id, 0)) },
    mask: { shape, data: next.map((id) => (id === -100 ? 0 : 1)) },
  };
}

/** |a − b| ≤ tolerance · (1 + |b|), number by number. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-10): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance * (1 + Math.abs(expected[i]));
    expect(Math.abs(actual[i] - expected[i]), `index ${i}: ${actual[i]} for ${expected[i]}`).toBeLessThanOrEqual(
      allowed,
    );
  }
}
