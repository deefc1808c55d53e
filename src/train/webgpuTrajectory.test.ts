// A model learns the same on `webgpu` (SwiftShader) as on `simd`: twenty steps of training all weights, and of a low-rank adapter, with
// launches merged and sums folded as on a real GPU; the adapter's batches in parts, as where memory is short.
import { afterEach, expect, test } from 'vitest';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { startForTests, type TestDevice } from '../backend/webgpu/startForTests';
import { CounterRng } from '../lib/counterRng';
import { type AdapterConfig, createAdapter, disposeAdapter, readAdapter, trainables } from '../models/adapter';
import { llama, readLlamaConfig } from '../models/llama';
import { placeModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import '../ops/registerSimd';
import '../ops/registerWebgpu';
import { crossEntropyStep } from './crossEntropy';
import { createOptimizer, disposeOptimizer, optimizerStep } from './optimizer';
import { BatchPacker } from './packedBatch';

const [LAYERS, WIDTH, VOCABULARY, BATCH, TIME, STEPS] = [2, 64, 32, 4, 16, 20];

let device: TestDevice | null = null;
afterEach(() => {
  device?.stop();
  device = null;
  stopSimd();
});

const none = (): never => {
  throw new Error('expected no text in this test.');
};

function smallModel(): LanguageModel {
  const architecture = llama(
    readLlamaConfig({
      hidden_size: WIDTH,
      intermediate_size: 96,
      num_hidden_layers: LAYERS,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      vocab_size: VOCABULARY,
      max_position_embeddings: 64,
    }),
  );
  const rng = new CounterRng(5, 1);
  const weights = new Map(
    [...architecture.tensors].map(([name, shape]) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const deviation = 0.7 / Math.sqrt(shape[shape.length - 1]);
      const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : rng.normal() * deviation));
      return [name, { name, shape, data }] as const;
    }),
  );
  const reads = { encode: none, encodeSpans: none, encodeDocument: none };
  const writes = { decode: none, decodeAll: none, tokenText: none, idOf: none, isSpecial: none };
  const tokenizer = { size: VOCABULARY, ...reads, ...writes };
  const chat = { endId: -1, render: none, prompt: none, followUp: none, conversation: none };
  return placeModel('small', architecture, weights, { tokenizer, chat });
}

interface Trajectory {
  losses: number[];
  norms: number[];
  values: number[][];
}

/** Twenty steps on the same random texts. */
async function learn(config: AdapterConfig, rowsAtOnce = BATCH): Promise<Trajectory> {
  const model = smallModel();
  model.thrift = { recompute: false, positionsAtOnce: rowsAtOnce * TIME };
  const adapter = createAdapter(model, config, 3);
  const optimizer = createOptimizer(trainables(adapter));
  const rng = new CounterRng(9, 9);
  const packer = new BatchPacker();
  for (let b = 0; b < BATCH; b++) {
    const text = Array.from({ length: TIME + 1 }, () => rng.integer(VOCABULARY));
    packer.append(packer.newRow(), text.slice(0, TIME));
    for (let t = 0; t < TIME; t++) packer.predict(b, t, text[t + 1]);
  }
  const batch = packer.finish(0);
  const hyper = { learningRate: 0.003, beta1: 0.9, beta2: 0.98, eps: 1e-8, weightDecay: 0.05, maxNorm: 1 };
  const [losses, norms]: [number[], number[]] = [[], []];
  for (let step = 0; step < STEPS; step++) {
    await crossEntropyStep(model, adapter, batch, async (grads, { logProb }) => {
      losses.push(-logProb.reduce((sum, x) => sum + x, 0) / logProb.length);
      norms.push(await optimizerStep(optimizer, grads, hyper));
    });
    // Merged programs are compiled in the background: the first steps run without, all others with them.
    await device?.backend.settled();
  }
  const values = (await readAdapter(adapter)).map(({ data }) => [...data]);
  disposeAdapter(adapter);
  disposeOptimizer(optimizer);
  model.dispose();
  return { losses, norms, values };
}

const largest = (a: number[], b: number[]) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))), 0);

for (const [title, config, rowsAtOnce] of [
  ['all weights', { method: 'full', r: 1, alpha: 1, targets: [] }, BATCH],
  ['a low-rank adapter, in two parts', { method: 'lora', r: 4, alpha: 8, targets: [] }, BATCH / 2],
] as [string, AdapterConfig, number][]) {
  test(`twenty steps of ${title} are those of simd`, { timeout: 240_000 }, async ({ skip }) => {
    const started = await startForTests('swiftshader');
    if (!started.device) return skip(started.reason);
    device = started.device;
    device.backend.isMerging = true;
    const onGpu = await learn(config, rowsAtOnce);
    device.stop();
    device = null;
    await startSimd({ threads: 1 });
    const onCpu = await learn(config);
    expect(onCpu.losses[STEPS - 1]).toBeLessThan(onCpu.losses[0] - 0.1);
    expect(largest(onGpu.losses, onCpu.losses)).toBeLessThan(1e-3);
    expect(largest(onGpu.norms, onCpu.norms)).toBeLessThan(1e-3);
    onGpu.values.forEach((values, i) => {
      expect(largest(values, onCpu.values[i]), `tensor ${i}`).toBeLessThan(1e-3);
    });
  });
}
