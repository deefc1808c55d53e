// The model and the loads of the bench and of the self-test, the same for us and for stock tfjs: the 0.87 M-parameter Llama of the five-minute
// lesson with random weights, a batch of random tokens.
import { CounterRng } from '../lib/counterRng';
import { llama, readLlamaConfig } from '../models/llama';
import type { NamedArray } from '../models/safetensors';

export const BENCH_CONFIG = {
  hidden_size: 128,
  intermediate_size: 384,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 32,
  vocab_size: 64,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: false,
};

export type BenchConfig = typeof BENCH_CONFIG;

export interface TrainLoad {
  batch: number;
  time: number;
}
export const TRAIN_LOAD: TrainLoad = { batch: 32, time: 64 };
/** Beside the load above: a small and a large batch. */
export const OTHER_LOADS: TrainLoad[] = [
  { batch: 8, time: 64 },
  { batch: 64, time: 128 },
];
export interface RolloutLoad {
  rows: number;
  promptTokens: number;
  newTokens: number;
}
export const ROLLOUT_LOAD: RolloutLoad = { rows: 64, promptTokens: 24, newTokens: 48 };
export const ADAMW = { learningRate: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-8, weightDecay: 0.05, maxNorm: 1 };

export function benchArchitecture(layers = BENCH_CONFIG.num_hidden_layers, config: BenchConfig = BENCH_CONFIG) {
  return llama(readLlamaConfig({ ...config, num_hidden_layers: layers }));
}

export function benchWeights(
  layers = BENCH_CONFIG.num_hidden_layers,
  config: BenchConfig = BENCH_CONFIG,
): Map<string, NamedArray> {
  const rng = new CounterRng(7, 1);
  const entries = [...benchArchitecture(layers, config).tensors].map(([name, shape]): [string, NamedArray] => {
    const size = shape.reduce((product, n) => product * n, 1);
    const deviation = 0.7 / Math.sqrt(shape[shape.length - 1]);
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : rng.normal() * deviation));
    return [name, { name, shape, data }];
  });
  return new Map(entries);
}

/** @returns `count` token ids below the vocabulary, the same at every call */
export function benchTokens(count: number): Int32Array {
  const rng = new CounterRng(7, 2);
  return Int32Array.from({ length: count }, () => Math.floor(rng.uniform() * BENCH_CONFIG.vocab_size));
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Draws from softmax of one row of logits [rows, V] by inverse CDF: how the peers written for JavaScript sample. */
export function drawToken(logits: Float32Array, row: number, u: number): number {
  const vocabulary = BENCH_CONFIG.vocab_size;
  const at = row * vocabulary;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < vocabulary; i++) largest = Math.max(largest, logits[at + i]);
  let total = 0;
  const weights = Array.from({ length: vocabulary }, (_, i) => (total += Math.exp(logits[at + i] - largest)));
  const found = weights.findIndex((cumulative) => cumulative > u * total);
  return found < 0 ? vocabulary - 1 : found;
}
