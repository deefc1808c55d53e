// Every architecture against transformers 5.23 and PEFT 0.21 (torch 2.13, float64 throughout): logits (alone, padded on the left and on
// the right, with adapters), loss, gradients of every base weight and of LoRA, three clipped AdamW steps, greedy generation through the
// cache. The models are random and tiny; tolerances are those of the vectors' own notes for float32 on a CPU and on a GPU.
import { dispose, engine, getBackend, mean, neg, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type Adapter, createAdapter, disposeAdapter, trainables } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import {
  goldenAdapter,
  goldenArrays,
  goldenJson,
  goldenNames,
  hasGolden,
  isTrimmed,
  openGolden,
} from '../models/testing/goldenModels';
import { testOnEveryBackend } from '../ops/testing/onEveryBackend';
import type { OpCheck } from '../ops/testing/opSuite';
import { tokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { generate, readTokens } from '../rollouts/generate';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { withGradients } from './gradientStep';
import { createOptimizer, disposeOptimizer, optimizerStep } from './optimizer';
import { batchLogits, batchTensors, type PackedBatch } from './packedBatch';

/** Suggested tolerances: [CPU, GPU]. */
const TOLERANCES = {
  logits: [2e-4, 2e-3],
  adapterLogits: [5e-4, 5e-3],
  loss: [2e-5, 2e-4],
  gradient: [5e-5, 1e-3],
  loraGradient: [2e-4, 2e-3],
  loraLoss: [1e-4, 1e-3],
  norm: [1e-4, 1e-3],
  trained: [1e-4, 1e-3],
};

const within = (kind: keyof typeof TOLERANCES): number => TOLERANCES[kind][getBackend() === 'webgpu' ? 1 : 0];

/** Largest differences seen, printed with SHOW_DIFFERENCES. */
const seen = new Map<string, number>();

function expectWithin(kind: keyof typeof TOLERANCES, difference: number, where: string): void {
  const key = `${getBackend()} ${where.split(':')[0]} ${kind}`;
  seen.set(key, Math.max(seen.get(key) ?? 0, difference));
  expect(difference, where).toBeLessThan(within(kind));
}

type Grid = number[][];

interface Inputs {
  input_ids: Grid;
  labels: Grid;
  attention_mask?: Grid;
}

/**
 * Ids as they stand, padding on the left or on the right marked by `attention_mask`. Every position is predicted from where
 * `everywhere`, else those with labels.
 */
function packed({ input_ids: rows, labels, attention_mask: mask }: Inputs, everywhere: boolean): PackedBatch {
  const time = rows[0].length;
  const batch: PackedBatch = {
    rows: rows.length,
    time,
    ids: Int32Array.from(rows.flat()),
    positions: new Int32Array(rows.length * time),
    ranges: new Int32Array(rows.length * time * 3),
    from: new Int32Array(0),
    targets: new Int32Array(0),
    tokens: rows.length * time,
  };
  const from: number[] = [];
  rows.forEach((row, b) => {
    const first = mask ? mask[b].indexOf(1) : 0;
    row.forEach((_, t) => {
      const n = b * time + t;
      batch.positions[n] = Math.max(0, t - first);
      batch.ranges[3 * n + 2] = mask && !mask[b][t] ? t : first;
      if (everywhere || (t + 1 < time && labels[b][t + 1] !== -100)) from.push(n);
    });
  });
  batch.from = Int32Array.from(from);
  batch.targets = Int32Array.from(from, (n) => batch.ids[Math.min(n + 1, batch.ids.length - 1)]);
  return batch;
}

async function logitsOf(model: LanguageModel, adapter: Adapter | null, inputs: Inputs): Promise<Float32Array> {
  const batch = packed(inputs, true);
  const tensors = batchTensors(batch);
  const logits = batchLogits(model, adapter, batch, tensors);
  const values = Float32Array.from(await logits.data());
  dispose([logits, ...Object.values(tensors)]);
  return values;
}

function largest(got: ArrayLike<number>, want: ArrayLike<number>, counts: (i: number) => boolean = () => true): number {
  expect(got.length).toBe(want.length);
  let worst = 0;
  for (let i = 0; i < want.length; i++)
    if (counts(i)) worst = Math.max(worst, Math.abs(got[i] - want[i]) || (got[i] === want[i] ? 0 : Number.NaN));
  return worst;
}

/** Of a trimmed reference the first rows: largest error over the largest reference value. */
function relative(got: ArrayLike<number>, want: Float32Array): number {
  if (!isTrimmed) expect(got.length).toBe(want.length);
  expect(got.length).toBeGreaterThanOrEqual(want.length);
  const scale = want.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return largest(Float32Array.from(got).subarray(0, want.length), want) / scale;
}

async function logitsMatch(name: string): Promise<void> {
  const [model, golden, arrays] = [await openGolden(name), goldenJson(name), goldenArrays(name)];
  const vocabulary = model.architecture.shape.vocabulary;
  const { padded, ...plain } = golden.inputs;
  const mask: number[] = padded.attention_mask.flat();
  const isReal = (i: number) => mask[Math.floor(i / vocabulary)] === 1;
  const base = await logitsOf(model, null, plain);
  expectWithin('logits', largest(base, arrays.get('logits')!.data), `${name}: logits`);
  const left = await logitsOf(model, null, padded);
  expectWithin('logits', largest(left, arrays.get('padded.logits')!.data, isReal), `${name}: padded on the left`);

  // Padded on the right, the same tokens have the same logits.
  const time: number = padded.input_ids[0].length;
  const shifted = padded.input_ids.map((row: number[], b: number) => {
    const pads = padded.attention_mask[b].indexOf(1);
    return [...row.slice(pads), ...row.slice(0, pads)];
  });
  const right = await logitsOf(model, null, { input_ids: shifted, labels: padded.labels });
  padded.attention_mask.forEach((row: number[], b: number) => {
    const pads = row.indexOf(1);
    const real = (values: Float32Array, from: number) =>
      values.subarray((b * time + from) * vocabulary, (b * time + from + time - pads) * vocabulary);
    expectWithin(
      'logits',
      largest(real(right, 0), real(arrays.get('padded.logits')!.data, pads)),
      `${name}: padded on the right`,
    );
  });

  for (const kind of ['adapter', 'adapter-rslora', 'adapter-dora']) {
    if (!hasGolden(name, `${kind}/adapter_model.safetensors`) || kind === 'adapter-dora') continue;
    const adapter = goldenAdapter(model, kind);
    const logits = await logitsOf(model, adapter, plain);
    expectWithin('adapterLogits', largest(logits, arrays.get(`${kind}.logits`)!.data), `${name}: ${kind}`);
    const expected = arrays.get(`${kind}.padded.logits`);
    if (expected) {
      const got = await logitsOf(model, adapter, padded);
      expectWithin('adapterLogits', largest(got, expected.data, isReal), `${name}: ${kind}, padded`);
    }
    disposeAdapter(adapter);
  }
  model.dispose();

  // The older way of writing the configuration describes the same model, bit for bit.
  const old = await openGolden(name, 'config.v4.json');
  expect(await logitsOf(old, null, plain)).toEqual(base);
  old.dispose();
}

/** What a checkpoint calls the gradient, in the checkpoint's orientation. */
async function asStored(model: LanguageModel, name: string, gradient: Tensor): Promise<ArrayLike<number>> {
  const values = await gradient.data();
  if (!model.architecture.turned.has(name)) return values;
  const [out, inner] = gradient.shape;
  return Float32Array.from({ length: values.length }, (_, i) => values[(i % out) * inner + Math.floor(i / out)]);
}

async function baseGradientsMatch(name: string): Promise<void> {
  const [model, golden, arrays] = [await openGolden(name), goldenJson(name), goldenArrays(name)];
  const adapter = createAdapter(model, { method: 'full', r: 1, alpha: 1, targets: [] }, 0);
  const batch = packed(golden.inputs, false);
  const tensors = batchTensors(batch);
  const lossOf = () =>
    neg(mean(tokenStatistics(batchLogits(model, adapter, batch, tensors), tensors.targets).logProb)) as Scalar;
  const value = tidy(lossOf);
  expectWithin('loss', Math.abs((await value.data())[0] - golden.base.loss), `${name}: loss`);
  value.dispose();
  const parameters = trainables(adapter);
  expect(parameters.length).toBe([...arrays.keys()].filter((key) => key.startsWith('grad.')).length);
  await withGradients(
    lossOf,
    parameters.map((p) => p.tensor),
    async (grads: Tensor[]) => {
      for (const [i, gradient] of grads.entries()) {
        const { name: weight } = parameters[i];
        const got = await asStored(model, weight, gradient);
        // In transformers 5 GPT-NeoX's head has another name than in its files.
        const want = arrays.get(`grad.${weight}`) ?? arrays.get(`grad.${weight.replace('embed_out', 'lm_head')}`);
        expectWithin('gradient', relative(got, want!.data), `${name}: gradient of ${weight}`);
      }
    },
  );
  dispose(Object.values(tensors));
  disposeAdapter(adapter);
  model.dispose();
}

async function trainingMatches(name: string, kind: string): Promise<void> {
  const [model, golden, arrays] = [await openGolden(name), goldenJson(name), goldenArrays(name)];
  const adapter = goldenAdapter(model, kind);
  const batch = packed(golden.inputs, false);
  const tensors = batchTensors(batch);
  const parameters = trainables(adapter);
  const optimizer = createOptimizer(parameters);
  const lossOf = () =>
    neg(mean(tokenStatistics(batchLogits(model, adapter, batch, tensors), tensors.targets).logProb)) as Scalar;
  const lossNow = async () => {
    const value = tidy(lossOf);
    const [loss] = await value.data();
    value.dispose();
    return loss;
  };
  dispose([tidy(lossOf)]); // a sliding window's ranges are made at the first pass
  const tensorsBefore = engine().memory().numTensors;
  for (let step = 0; step < 3; step++) {
    const { losses, grad_norms: norms } = golden[kind];
    expectWithin('loraLoss', Math.abs((await lossNow()) - losses[step]), `${name}: ${kind}, loss ${step}`);
    const norm = await withGradients(
      lossOf,
      parameters.map((p) => p.tensor),
      async (grads: Tensor[]) => {
        for (const [i, gradient] of step === 0 ? grads.entries() : []) {
          const key = `${kind}.grad.${parameters[i].name}`;
          expectWithin('loraGradient', relative(await gradient.data(), arrays.get(key)!.data), `${name}: ${key}`);
        }
        const attrs = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, maxNorm: 1 };
        return optimizerStep(optimizer, grads, attrs);
      },
    );
    expectWithin('norm', Math.abs(norm / norms[step] - 1), `${name}: ${kind}, norm ${step}`);
  }
  expect(engine().memory().numTensors).toBe(tensorsBefore);
  for (const { name: key, tensor } of parameters) {
    const want = arrays.get(`${kind}.after3.${key}`)!.data;
    const got = Float32Array.from(await tensor.data()).subarray(0, want.length);
    expectWithin('trained', largest(got, want), `${name}: ${kind}.after3.${key}`);
  }
  expectWithin('loraLoss', Math.abs((await lossNow()) - golden[kind].loss_after), `${name}: ${kind}, loss after`);
  dispose(Object.values(tensors));
  disposeOptimizer(optimizer);
  disposeAdapter(adapter);
  model.dispose();
}

/** Greedy answers to prompts of any length, read at once. */
async function greedy(
  model: LanguageModel,
  adapter: Adapter | null,
  prompts: number[][],
  maxTokens: number,
): Promise<number[][]> {
  const cache = new KeyValueCache(model);
  cache.reset(prompts.length, Math.max(...prompts.map((prompt) => prompt.length)) + maxTokens);
  const rows = prompts.map(() => ({ past: [], own: cache.allocate() }));
  const decoder = { model, adapter, cache };
  const logits = readTokens(
    decoder,
    rows,
    prompts.map((prompt) => Int32Array.from(prompt)),
  );
  const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens, seed: 0 };
  const turns = await generate(decoder, rows, logits, new Int32Array(rows.length), sampling);
  cache.dispose();
  return turns.map((turn) => [...turn.tokens]);
}

async function generationMatches(name: string): Promise<void> {
  const [model, golden] = [await openGolden(name), goldenJson(name)];
  const { input_ids: ids, padded } = golden.inputs;
  const unpadded = padded.input_ids.map((row: number[], b: number) =>
    row.filter((_, t) => padded.attention_mask[b][t]),
  );
  const count = golden.generate.new_tokens;
  const adapter = goldenAdapter(model, 'adapter');
  for (const [policy, expected] of [
    [null, golden.generate.base],
    [adapter, golden.generate.adapter],
  ] as const) {
    expect(await greedy(model, policy, ids, count)).toEqual(expected.batch);
    expect(await greedy(model, policy, unpadded, count)).toEqual(expected.left_padded_batch);
    // An end token closes its row; the reference fills what is left of it.
    const { eos_token_id: end, batch } = expected.with_eos;
    const ending = { ...model, chat: { ...model.chat, endId: end } };
    const ended = batch.map((row: number[]) => (row.includes(end) ? row.slice(0, row.indexOf(end) + 1) : row));
    expect((await greedy(ending, policy, ids, count)).map((row, b) => row.slice(0, ended[b].length))).toEqual(ended);
  }
  await cacheIsTheFullPass(model, adapter, golden.inputs);
  disposeAdapter(adapter);
  model.dispose();
}

/** One token at a time through the cache gives the logits of the whole text at once. */
async function cacheIsTheFullPass(model: LanguageModel, adapter: Adapter, inputs: Inputs): Promise<void> {
  const full = await logitsOf(model, adapter, inputs);
  const vocabulary = model.architecture.shape.vocabulary;
  const [rows, time] = [inputs.input_ids.length, inputs.input_ids[0].length];
  const cache = new KeyValueCache(model);
  cache.reset(rows, time);
  const decoder = { model, adapter, cache };
  const cached = inputs.input_ids.map(() => ({ past: [], own: cache.allocate() }));
  for (let t = 0; t < time; t++) {
    const logits = readTokens(
      decoder,
      cached,
      inputs.input_ids.map((row) => Int32Array.of(row[t])),
    );
    const got = await logits.data();
    for (let b = 0; b < rows; b++) {
      const want = full.subarray((b * time + t) * vocabulary, (b * time + t + 1) * vocabulary);
      expectWithin(
        'adapterLogits',
        largest(got.subarray(b * vocabulary, (b + 1) * vocabulary), want),
        `${model.id}: cache`,
      );
    }
    logits.dispose();
  }
  cache.dispose();
}

/** On a software GPU each model costs seconds: beside the fixtures all of it runs on a few of them, with GOLDENS_DIR on all. */
const ON_SOFTWARE_GPU = ['mistral', 'qwen3', 'gemma3', 'gpt_neox'];

function checksOf(name: string): OpCheck[] {
  const slowOnSoftwareGpu = isTrimmed && !ON_SOFTWARE_GPU.includes(name);
  return [
    { title: `${name}: logits, padding, adapters`, run: () => logitsMatch(name), slowOnSoftwareGpu },
    { title: `${name}: gradients of every base weight`, run: () => baseGradientsMatch(name), slowOnSoftwareGpu },
    {
      title: `${name}: gradients of LoRA and three AdamW steps`,
      run: () => trainingMatches(name, 'adapter'),
      slowOnSoftwareGpu,
    },
    { title: `${name}: greedy generation, the cache`, run: () => generationMatches(name), slowOnSoftwareGpu },
  ];
}

const names = goldenNames();
const report: OpCheck = {
  title: 'how far from the reference',
  run: async () => {
    const table = Object.fromEntries([...seen].map(([key, value]) => [key, value.toExponential(1)]));
    if (process.env.SHOW_DIFFERENCES) console.log(table);
    expect(seen.size).toBeGreaterThan(0);
  },
};
testOnEveryBackend({ op: 'models', checks: [...names.flatMap(checksOf), report] }, ['simd, relaxed', 'webgpu']);
// What does not depend on the architecture is the same on the other two.
testOnEveryBackend({ op: 'one model', checks: checksOf(names[0]) }, ['cpu', 'simd, plain']);
