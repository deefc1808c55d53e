// Llama against transformers 5.23 and PEFT 0.21 (torch 2.13, float64): logits, loss, gradients of every base weight and of LoRA,
// three clipped AdamW steps, and greedy generation through the cache. The checkpoint is random, bfloat16, with grouped key heads,
// an untied output and a head width that is not hidden/heads.
import { readFileSync } from 'node:fs';
import { dispose, engine, mean, neg, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { createAdapter, restoreAdapter, trainables } from '../models/adapter';
import { llama, readLlamaConfig } from '../models/llama';
import { placeModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import { type NamedArray, readSafetensors } from '../models/safetensors';
import { testOnEveryBackend } from '../ops/testing/onEveryBackend';
import { tokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { generate, readTokens } from '../rollouts/generate';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { withGradients } from './gradientStep';
import { createOptimizer, optimizerStep } from './optimizer';
import { BatchPacker, batchLogits, batchTensors, type PackedBatch } from './packedBatch';

const read = (name: string) => readFileSync(new URL(`./fixtures/llama/${name}`, import.meta.url));
const golden = JSON.parse(read('golden.json').toString());
const arrays = readSafetensors(read('golden.safetensors'), 'golden.safetensors');
const LORA = { method: 'lora' as const, r: 4, alpha: 10, targets: [] };
const END = 10_000; // no token: generation runs to its length

function loadGolden(): LanguageModel {
  const architecture = llama(readLlamaConfig(JSON.parse(read('config.json').toString())));
  const weights = readSafetensors(read('model.safetensors'), 'model.safetensors');
  const text = { tokenizer: {}, chat: { endId: END } } as unknown as Pick<LanguageModel, 'tokenizer' | 'chat'>;
  return placeModel('golden', architecture, weights, text);
}

const adapterArrays = (): NamedArray[] => [
  ...readSafetensors(read('adapter.safetensors'), 'adapter.safetensors').values(),
];

/** The golden batch; every next token is asked for, `taught` marks those with labels. */
function goldenBatch(): { batch: PackedBatch; taught: number[] } {
  const packer = new BatchPacker();
  const taught: number[] = [];
  golden.inputs.input_ids.forEach((ids: number[], b: number) => {
    const row = packer.newRow();
    packer.append(row, ids);
    ids.slice(1).forEach((id, t) => {
      if (golden.inputs.labels[b][t + 1] === -100) return;
      packer.predict(row, t, id);
      taught.push(b * ids.length + t);
    });
  });
  return { batch: packer.finish(0), taught };
}

/** Largest difference relative to the largest expected magnitude. */
function relative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / scale;
}

async function logitsMatch(): Promise<void> {
  const model = loadGolden();
  const adapter = restoreAdapter(model, LORA, adapterArrays());
  const { batch, taught } = goldenBatch();
  const tensors = batchTensors(batch);
  const vocabulary = model.architecture.shape.vocabulary;
  for (const [name, policy] of [
    ['logits', null],
    ['adapter.logits', adapter],
  ] as const) {
    const logits = batchLogits(model, policy, batch, tensors);
    const expected = taught.flatMap((position) => [
      ...arrays.get(name)!.data.subarray(position * vocabulary, (position + 1) * vocabulary),
    ]);
    expect(relative(await logits.data(), expected)).toBeLessThan(2e-5);
    logits.dispose();
  }
  dispose(Object.values(tensors));
  model.dispose();
}

async function gradientsMatch(method: 'full' | 'lora'): Promise<void> {
  const model = loadGolden();
  const adapter =
    method === 'lora' ? restoreAdapter(model, LORA, adapterArrays()) : createAdapter(model, { ...LORA, method }, 0);
  const { batch } = goldenBatch();
  const tensors = batchTensors(batch);
  const parameters = trainables(adapter);
  const optimizer = createOptimizer(parameters);
  const lossOf = () =>
    neg(mean(tokenStatistics(batchLogits(model, adapter, batch, tensors), tensors.targets).logProb)) as Scalar;
  const tensorsBefore = engine().memory().numTensors;
  const steps = method === 'lora' ? 3 : 1;
  for (let step = 0; step < steps; step++) {
    const value = tidy(lossOf);
    const [loss] = await value.data();
    value.dispose();
    expect(Math.abs(loss - (method === 'lora' ? golden.adapter.losses[step] : golden.base.loss))).toBeLessThan(2e-5);
    const names = parameters.map(({ name }) => (method === 'lora' ? `adapter.grad.${name}` : `grad.${name}`));
    const norm = await withGradients(
      lossOf,
      parameters.map((p) => p.tensor),
      async (grads: Tensor[]) => {
        if (step === 0) {
          for (let i = 0; i < grads.length; i++) {
            expect(relative(await grads[i].data(), arrays.get(names[i])!.data), names[i]).toBeLessThan(1e-4);
          }
        }
        const attrs = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, maxNorm: 1 };
        return optimizerStep(optimizer, grads, attrs);
      },
    );
    const expectedNorm = method === 'lora' ? golden.adapter.grad_norms[step] : golden.base.grad_norm;
    expect(Math.abs(norm / expectedNorm - 1)).toBeLessThan(2e-5);
  }
  expect(engine().memory().numTensors).toBe(tensorsBefore);
  if (method === 'lora') {
    for (const { name, tensor } of parameters) {
      expect(relative(await tensor.data(), arrays.get(`adapter.after3.${name}`)!.data), name).toBeLessThan(2e-4);
    }
  }
  dispose(Object.values(tensors));
  model.dispose();
}

/** Prompts are read once, then one token at a time: equals the original's greedy generation, also for rows of different length. */
async function generationMatches(): Promise<void> {
  const model = loadGolden();
  const cache = new KeyValueCache(model);
  const { input_ids: ids, padded } = golden.inputs;
  const unpadded = padded.input_ids.map((row: number[], b: number) =>
    row.filter((_, t) => padded.attention_mask[b][t]),
  );
  for (const [policy, expected] of [
    [null, golden.generate.base],
    [restoreAdapter(model, LORA, adapterArrays()), golden.generate.adapter],
  ] as const) {
    for (const [prompts, tokens] of [
      [ids, expected.batch],
      [unpadded, expected.left_padded_batch],
    ]) {
      cache.reset(prompts.length, 32);
      const rows = prompts.map(() => ({ past: [], own: cache.allocate() }));
      const decoder = { model, adapter: policy, cache };
      const lists = prompts.map((prompt: number[]) => Int32Array.from(prompt));
      const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 12, seed: 0 };
      const turns = await generate(
        decoder,
        rows,
        readTokens(decoder, rows, lists),
        new Int32Array(rows.length),
        sampling,
      );
      expect(turns.map((turn) => [...turn.tokens])).toEqual(tokens);
    }
  }
  cache.dispose();
  model.dispose();
}

testOnEveryBackend({
  op: 'llama',
  checks: [
    { title: 'logits, with and without the adapter', run: logitsMatch },
    { title: 'gradients of every base weight', run: () => gradientsMatch('full') },
    { title: 'gradients of LoRA and three AdamW steps', run: () => gradientsMatch('lora') },
    { title: 'greedy generation through the cache', run: generationMatches },
  ],
});
