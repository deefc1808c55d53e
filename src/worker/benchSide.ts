// The product's own training step and decoding loop on the bench model: our side of the bench, and what the self-test times in the page.
import { type AdapterConfig, createAdapter, disposeAdapter, trainables } from '../models/adapter';
import { placeModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import { generate, readTokens } from '../rollouts/generate';
import { type CachedRow, KeyValueCache } from '../rollouts/keyValueCache';
import { crossEntropyStep } from '../train/crossEntropy';
import { createOptimizer, disposeOptimizer, optimizerStep } from '../train/optimizer';
import { BatchPacker } from '../train/packedBatch';
import {
  ADAMW,
  BENCH_CONFIG,
  type BenchConfig,
  benchArchitecture,
  benchTokens,
  benchWeights,
  ROLLOUT_LOAD,
  type RolloutLoad,
  type TrainLoad,
} from './benchModel';
import { stepBytes } from './stepBytes';

const none = (): never => {
  throw new Error('bench: expected no text to be read or written by the bench model.');
};

/** The bench model speaks no language and never ends an answer: every row writes all its tokens. */
function oursModel(layers: number, config: BenchConfig): LanguageModel {
  const reads = { encode: none, encodeSpans: none, encodeDocument: none };
  const tokenizer = { size: 64, ...reads, decode: none, decodeAll: none, tokenText: none, idOf: none, isSpecial: none };
  const chat = { endId: -1, render: none, prompt: none, followUp: none, conversation: none };
  const [architecture, weights] = [benchArchitecture(layers, config), benchWeights(layers, config)];
  return placeModel('bench', architecture, weights, { tokenizer, chat });
}

/** What the formula of the readiness card says of our training step: base, trained copy, gradients and moments, and the step. */
export function predictedBytes(load: TrainLoad): number {
  const architecture = benchArchitecture();
  const sizes = [...architecture.tensors.values()].map((shape) => shape.reduce((product, n) => product * n, 1));
  const weights = 4 * sizes.reduce((sum, n) => sum + n, 0);
  const positions = load.batch * load.time;
  const step = { positions, predicted: positions, ranks: 0, withReference: false, gradients: weights, packed: 0 };
  return 5 * weights + stepBytes(architecture, step);
}

export interface BenchSide {
  /** One training step. @returns the mean loss, so that both sides can be seen to do the same work */
  trainStep(): Promise<number>;
  /** One batch of rollouts. @returns tokens written */
  rollout(): Promise<number>;
}

interface OwnSide extends BenchSide {
  /** Gives back model, moments and cache. */
  dispose(): void;
}

const ALL_WEIGHTS: AdapterConfig = { method: 'full', r: 1, alpha: 1, targets: [] };

export function oursSide(
  load: TrainLoad,
  layers?: number,
  config: BenchConfig = BENCH_CONFIG,
  trained: AdapterConfig = ALL_WEIGHTS,
  answers: RolloutLoad = ROLLOUT_LOAD,
): OwnSide {
  const model = oursModel(layers ?? config.num_hidden_layers, config);
  const adapter = createAdapter(model, trained, 0);
  const optimizer = createOptimizer(trainables(adapter));
  const tokens = benchTokens(load.batch * (load.time + 1));
  const packer = new BatchPacker();
  for (let b = 0; b < load.batch; b++) {
    const row = packer.newRow();
    const start = b * (load.time + 1);
    packer.append(row, tokens.subarray(start, start + load.time));
    for (let t = 0; t < load.time; t++) packer.predict(row, t, tokens[start + t + 1]);
  }
  const batch = packer.finish(0);
  const cache = new KeyValueCache(model);
  const { rows, promptTokens, newTokens } = answers;
  const prompts = Array.from({ length: rows }, (_, r) =>
    benchTokens(rows * promptTokens).subarray(r * promptTokens, (r + 1) * promptTokens),
  );
  const streams = Int32Array.from({ length: rows }, (_, r) => r);
  return {
    trainStep: () =>
      crossEntropyStep(model, adapter, batch, async (grads, { logProb }) => {
        await optimizerStep(optimizer, grads, ADAMW);
        return -logProb.reduce((sum, x) => sum + x, 0) / logProb.length;
      }),
    async rollout() {
      cache.reset(rows, promptTokens + newTokens);
      const cached: CachedRow[] = prompts.map(() => ({ past: [], own: cache.allocate() }));
      const decoder = { model, adapter, cache };
      const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: newTokens, seed: 1 };
      const turns = await generate(decoder, cached, readTokens(decoder, cached, prompts), streams, sampling);
      return turns.reduce((sum, turn) => sum + turn.tokens.length, 0);
    },
    dispose() {
      cache.dispose();
      disposeOptimizer(optimizer);
      disposeAdapter(adapter);
      model.dispose();
    },
  };
}
