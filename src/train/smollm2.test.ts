// The real SmolLM2-135M-Instruct in blocks of four bits against torch (float64 from the same dequantised weights; transformers 5.23,
// PEFT 0.21): weights, logits, greedy texts, five AdamW steps of LoRA on q and v and on all linear layers. Skipped where the file is not
// at hand: npm run get-model fetches it; SMOLLM2_GGUF names another place.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import { describeModel } from '../cli/nodeFiles';
import { type Adapter, createAdapter, disposeAdapter, trainables } from '../models/adapter';
import { readFloats } from '../models/files/storedFloats';
import { type LanguageModel, logitsOf } from '../models/model';
import { openModel } from '../models/openModel';
import { goldenJson } from '../models/testing/goldenFiles';
import '../ops/registerSimd';
import { generate, readTokens } from '../rollouts/generate';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { crossEntropyStep } from './crossEntropy';
import { createOptimizer, disposeOptimizer, optimizerStep } from './optimizer';
import { BatchPacker } from './packedBatch';

const FILE = process.env.SMOLLM2_GGUF ?? join('.cache', 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf');
const PATIENCE = 600_000;
/** Sorted as the formula of the adapter's first weights numbers them. */
const MODULES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

const golden = goldenJson('smollm2', 'golden.json', new URL('./fixtures/smollm2/', import.meta.url));

describe.skipIf(!existsSync(FILE))(`SmolLM2 (${existsSync(FILE) ? FILE : `${FILE} is not there`})`, () => {
  let model: LanguageModel;
  beforeAll(async () => {
    await startSimd();
    const description = await describeModel(FILE);
    model = await openModel(description, { id: 'SmolLM2' });
    await description.tensors.close();
    // Held in blocks, not in float32.
    expect(model.quantised?.size).toBe(211);
  }, PATIENCE);
  afterAll(() => {
    model.dispose();
    stopSimd();
  });

  test('weights: sum and length of every tensor', { timeout: PATIENCE }, async () => {
    const { tensors } = await describeModel(FILE);
    expect(Object.keys(golden.weights).length).toBe(tensors.tensors.size);
    for (const { hf, sum, l2 } of Object.values<{ hf: string; sum: number; l2: number }>(golden.weights)) {
      const values = await readFloats(tensors.tensors.get(hf)!);
      let [total, squares, size] = [0, 0, 0];
      for (const value of values) {
        total += value;
        squares += value * value;
        size += Math.abs(value);
      }
      expect(Math.abs(Math.sqrt(squares) / l2 - 1), hf).toBeLessThan(1e-7);
      expect(Math.abs(total - sum), hf).toBeLessThan(1e-7 * size);
    }
    await tensors.close();
  });

  test('logits of six prompts at every position', { timeout: PATIENCE }, async () => {
    const cache = new KeyValueCache(model);
    const { vocabulary } = model.architecture.shape;
    for (const { ids, logsumexp, top20_ids: best, top20_logits: wanted, loss } of golden.prompts) {
      cache.reset(1, ids.length + 1);
      const rows = [{ past: [], own: cache.allocate() }];
      const positions = Int32Array.from(ids.keys());
      const hidden = cache.read(null, rows, Int32Array.from(ids), positions, ids.length);
      const logits = logitsOf(model, null, hidden);
      const values = await logits.data();
      let total = 0;
      for (let t = 0; t < ids.length; t++) {
        const row = values.subarray(t * vocabulary, (t + 1) * vocabulary);
        let [largest, rest] = [Number.NEGATIVE_INFINITY, 0];
        for (const value of row) largest = Math.max(largest, value);
        for (const value of row) rest += Math.exp(value - largest);
        const logTotal = largest + Math.log(rest);
        expect(Math.abs(logTotal - logsumexp[t])).toBeLessThan(1e-3);
        best[t].forEach((id: number, i: number) => {
          expect(Math.abs(row[id] - wanted[t][i])).toBeLessThan(2e-3);
        });
        if (t + 1 < ids.length) total += logTotal - row[ids[t + 1]];
      }
      expect(Math.abs(total / (ids.length - 1) - loss)).toBeLessThan(1e-4);
      dispose([hidden, logits]);
    }
    cache.dispose();
  });

  test('greedy texts, token for token', { timeout: PATIENCE }, async () => {
    const cache = new KeyValueCache(model);
    const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 32, seed: 0 };
    for (const [i, { ids }] of golden.prompts.entries()) {
      cache.reset(1, ids.length + 34);
      const rows = [{ past: [], own: cache.allocate() }];
      const decoder = { model, adapter: null, cache };
      const first = readTokens(decoder, rows, [Int32Array.from(ids)]);
      const [turn] = await generate(decoder, rows, first, new Int32Array(1), sampling);
      expect([...turn.tokens]).toEqual(golden.greedy[i].ids);
      expect(model.tokenizer.decode([...turn.tokens])).toBe(golden.greedy[i].text_no_special);
    }
    cache.dispose();
  });

  function formulaAdapter(targets: string[]): Adapter {
    const adapter = createAdapter(model, { method: 'lora', r: 8, alpha: 16, targets }, 1);
    const set = (tensor: Tensor, value: (i: number, j: number) => number) => {
      const width = tensor.shape[1] ?? 1;
      const view = simdBackend().view(tensor);
      for (let i = 0; i < view.length; i++) view[i] = value(Math.floor(i / width), i % width);
    };
    for (const [name, { a, b }] of adapter.lora) {
      const shift = Number(/layers\.(\d+)\./.exec(name)?.[1]) + 0.7 * MODULES.indexOf(name.split('.').at(-1) ?? '');
      set(a, (i, j) => 0.02 * Math.sin(0.37 * i + 0.11 * j + shift));
      set(b, (i, j) => 0.002 * Math.cos(0.23 * i + 0.41 * j + shift));
    }
    return adapter;
  }

  /** The chats as they are, without their padding: masked by attention, since SmolLM2 pads with its end token. */
  function trainBatch() {
    const { input_ids: rows, labels, attention_mask: mask } = golden.train_batch;
    const packer = new BatchPacker();
    rows.forEach((ids: number[], b: number) => {
      const length = mask[b].filter(Boolean).length;
      const row = packer.newRow();
      packer.append(row, ids.slice(0, length));
      for (let t = 1; t < length; t++) if (labels[b][t] !== -100) packer.predict(row, t - 1, labels[b][t]);
    });
    return packer.finish(2);
  }

  test.each(['lora_qv', 'lora_all'])('%s: five AdamW steps', { timeout: PATIENCE }, async (which) => {
    const want = golden[which];
    const adapter = formulaAdapter(want.target_modules);
    const parameters = trainables(adapter);
    const optimizer = createOptimizer(parameters);
    const batch = trainBatch();
    const [firstGrads, losses] = [new Map<string, Float32Array>(), [] as number[]];
    const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, maxNorm: 1 };
    for (let step = 0; step <= 5; step++) {
      await crossEntropyStep(model, adapter, batch, async (grads, { logProb }) => {
        losses.push(-logProb.reduce((sum, value) => sum + value, 0) / logProb.length);
        if (step === 5) return;
        if (step === 0) {
          for (const [i, grad] of grads.entries())
            firstGrads.set(parameters[i].name, Float32Array.from(await grad.data()));
        }
        const norm = await optimizerStep(optimizer, grads, adam);
        expect(Math.abs(norm / want.grad_norms[step] - 1), `norm ${step}`).toBeLessThan(2e-4);
      });
    }
    [...want.losses, want.loss_after].forEach((loss: number, step: number) => {
      expect(Math.abs(losses[step] - loss), `loss ${step}`).toBeLessThan(2e-4);
    });
    expect(parameters.length).toBe(Object.keys(want.grad_l2_step1).length);
    for (const [name, length] of Object.entries<number>(want.grad_l2_step1)) {
      const grad = firstGrads.get(name)!;
      expect(Math.abs(Math.hypot(...grad) / length - 1), name).toBeLessThan(2e-3);
    }
    const after = new Map(
      await Promise.all(parameters.map(async ({ name, tensor: t }) => [name, await t.data()] as const)),
    );
    for (const [name, row, column, gradient, value] of want.entries) {
      const tensor = parameters.find((parameter) => parameter.name === name)!.tensor;
      const at = row * (tensor.shape[1] ?? 1) + column;
      const grad = firstGrads.get(name)!;
      const largest = grad.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
      expect(Math.abs(grad[at] - gradient), `${name} ${row} ${column}`).toBeLessThan(2e-4 * largest);
      expect(Math.abs(after.get(name)![at] - value), `${name} ${row} ${column} after`).toBeLessThan(1e-4);
    }
    disposeOptimizer(optimizer);
    disposeAdapter(adapter);
  });
});
