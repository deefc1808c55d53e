// The file to take home: PEFT's names, shapes and configuration, the trained numbers, the same bytes every time; and read back
// from its zip it must answer as the adapter in memory does, or it is not given out.
import { memory } from '@tensorflow/tfjs-core';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { CounterRng } from '../lib/counterRng';
import { type Adapter, createAdapter, disposeAdapter, readAdapter, restoreAdapter } from '../models/adapter';
import { integratedAdapter } from '../models/integrateUnit';
import type { LanguageModel } from '../models/model';
import { type NamedArray, readSafetensors, writeSafetensors } from '../models/safetensors';
import { smallDial, smallDialFiles } from '../models/testing/smallDial';
import type { Evaluation, RunConfig } from '../protocol/events';
import type { EvalSummary } from '../protocol/metrics';
import { type ExportJob, exportAdapter } from './exportAdapter';
import type { Measured } from './measuredUntil';

const config: RunConfig = {
  id: 'run',
  recipe: 'score',
  settings: { alpha: 10 },
  seed: 3,
  totalSteps: 70,
  minutes: null,
  model: 'dial-0.8m',
  level: 6,
  evaluateEvery: 5,
  evaluationProblems: 10,
  checkpointEvery: 5,
  createdAt: '2026-11-21',
};

const around = (value: number) => ({ low: value - 0.04, high: value + 0.04 });
function summary(temperature: number, t1: number, iToC: number, cToI: number): EvalSummary {
  const delta = iToC - cToI;
  return {
    n: 500,
    temperature,
    accuracyT1: t1,
    accuracyT2: t1 + delta,
    delta,
    iToC,
    cToI,
    accuracyT1Interval: around(t1),
    accuracyT2Interval: around(t1 + delta),
    deltaInterval: around(delta),
    unchangedRate: 0.5,
    editDistanceRatio: 0.2,
    formatErrorRate: 0,
  };
}
const at = (step: number, slice: Evaluation['slice'], cToI: number): Evaluation => ({
  step,
  slice,
  greedy: summary(0, 0.59, 0.08, cToI),
  sampled: summary(1, 0.43, 0.07, cToI),
});
const nothing: Measured = { base: null, trained: null, test: null, rows: [], evaluations: [], rate: null };
const measured: Measured = {
  base: at(0, 'validation', 0.16),
  trained: at(40, 'validation', 0.02),
  test: {
    before: at(0, 'test', 0.15),
    after: at(40, 'test', 0.01),
    comparison: { n: 2000, gained: 300, lost: 100, gain: 0.1, gainInterval: { low: 0.08, high: 0.12 }, pValue: 1e-9 },
  },
  rows: [1, 40].map((step) => ({
    runId: 'run',
    step,
    stage: 'stage_1',
    metrics: { reward: step / 100, kl: null },
    secondsElapsed: 2 * step,
    tokens: 10 * step,
  })),
  evaluations: [at(0, 'validation', 0.16), at(40, 'validation', 0.02)],
  rate: null,
};

const origin = {
  files: new Map([...smallDialFiles()].filter(([name]) => name !== 'model.safetensors')),
  weightsSha256: 'ab12',
};
const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const weightsFile = 'adapter_model.safetensors';

let model: LanguageModel;
let adapter: Adapter;
const jobOf = (part: Partial<ExportJob> = {}): ExportJob => ({
  model,
  origin,
  adapter,
  config,
  step: 40,
  measured,
  studioVersion: '1.2.3',
  tolerance: 0,
  ...part,
});

/** B is zero at birth: a trained adapter is one that changes something. Disposes the fresh one. */
function shaken(fresh: Adapter, values: NamedArray[]): Adapter {
  const rng = new CounterRng(5, 1);
  for (const { data } of values) for (let i = 0; i < data.length; i++) data[i] += 0.1 * (rng.uniform() - 0.5);
  disposeAdapter(fresh);
  return restoreAdapter(model, fresh.config, values);
}

beforeAll(async () => {
  await startSimd({ threads: 1 });
  model = smallDial(1, 'dial-0.8m');
  const settings = { method: 'lora' as const, r: 4, alpha: 8, targets: [] };
  const fresh = createAdapter(model, settings, 1);
  adapter = shaken(fresh, await readAdapter(fresh));
});
afterAll(() => {
  disposeAdapter(adapter);
  model.dispose();
  stopSimd();
});

test('a folder that peft loads, the same bytes every time, and nothing left behind', async () => {
  const before = memory().numTensors;
  const { fileName, bytes, selfCheck } = await exportAdapter(jobOf());
  expect(memory().numTensors).toBe(before);
  expect(fileName).toBe('dial-0.8m-score-seed3-step40.zip');
  const files = unzipSync(bytes);
  const taken = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'];
  expect(Object.keys(files).sort()).toEqual(
    ['README.md', 'adapter_config.json', weightsFile, 'studio_run.json', 'trainer_state.json', ...taken].sort(),
  );
  for (const name of taken) expect(files[name]).toEqual(origin.files.get(name));
  const arrays = readSafetensors(files[weightsFile], 'adapter');
  const expected = await readAdapter(adapter);
  expect([...arrays.keys()]).toEqual(expected.map(({ name }) => name));
  for (const { name, shape, data } of expected) {
    expect(arrays.get(name)!.shape).toEqual(shape);
    expect(arrays.get(name)!.data).toEqual(data);
  }
  const peft = JSON.parse(words(files['adapter_config.json']));
  expect(peft).toMatchObject({ peft_type: 'LORA', r: 4, lora_alpha: 8, base_model_name_or_path: 'dial-0.8m' });
  const projections = ['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj'];
  expect(peft.target_modules.sort()).toEqual(projections);
  expect((await exportAdapter(jobOf())).bytes).toEqual(bytes);
  // The same float32 numbers through the same kernels.
  expect(selfCheck).toEqual({ prompts: 3, tokens: expect.any(Number), largestLogitDifference: 0 });
  expect(selfCheck.tokens).toBeGreaterThan(60);
});

test('a critic stays at home: the same file as without one', async () => {
  const values = await readAdapter(adapter);
  const critic = { name: 'head.value.weight', shape: [1, 3], data: Float32Array.of(1, 2, 3) };
  const critical = restoreAdapter(model, adapter.config, [...structuredClone(values), critic]);
  expect(critical.heads.get('value.weight')!.shape).toEqual([1, 3]);
  const { bytes } = await exportAdapter(jobOf({ adapter: critical }));
  expect(unzipSync(bytes)[weightsFile]).toEqual(unzipSync((await exportAdapter(jobOf())).bytes)[weightsFile]);
  disposeAdapter(critical);
});

test('where the numbers come from, and a card whose figures are those that were measured', async () => {
  const files = unzipSync((await exportAdapter(jobOf())).bytes);
  const run = JSON.parse(words(files['studio_run.json']));
  expect(run).toMatchObject({ run: config, step: 40, seed: 3, studio: { version: '1.2.3' } });
  expect(run.model).toEqual({ id: 'dial-0.8m', parameters: model.parameters, weightsSha256: 'ab12' });
  expect(run.validation.trained).toEqual(measured.trained);
  expect(run.test.comparison).toEqual(measured.test!.comparison);
  const card = words(files['README.md']);
  expect(card.startsWith('---\nlibrary_name: peft\nbase_model: dial-0.8m\n')).toBe(true);
  expect(card).toContain('  - "base_model:adapter:dial-0.8m"');
  expect(card).toContain('40 of 70 steps');
  expect(card).toContain(
    '| base, step 0 | validation | greedy | 500 | 59.0 [55.0, 63.0] | 51.0 [47.0, 55.0] | -8.0 [-12.0, -4.0] | 8.0 | 16.0 |',
  );
  expect(card).toContain('| trained, step 40 | test | T = 1 | 500 |');
  expect(card).toContain('300 gained, 100 lost, 10.0 [8.0, 12.0] points; exact McNemar p = 1.0e-9');
  const bare = words(unzipSync((await exportAdapter(jobOf({ measured: nothing }))).bytes)['README.md']);
  expect(bare).toContain('Nothing was measured yet');
});

test('all weights: a whole model folder', async () => {
  const whole = createAdapter(model, { method: 'full', r: 1, alpha: 1, targets: [] }, 1);
  const { bytes, selfCheck } = await exportAdapter(jobOf({ adapter: whole }));
  const files = unzipSync(bytes);
  expect(files['config.json']).toEqual(origin.files.get('config.json'));
  expect(words(files['README.md'])).toContain('library_name: transformers');
  const trained = readSafetensors(files['model.safetensors'], 'model');
  expect([...trained.keys()]).toEqual([...model.architecture.tensors.keys()]);
  expect(selfCheck.largestLogitDifference).toBe(0);
  disposeAdapter(whole);
});

test('layers that PEFT does not know: no configuration for it, and read back all the same', async () => {
  const fresh = integratedAdapter(model, createAdapter(model, adapter.config, 2), 2, 4);
  const integrated = shaken(fresh, await readAdapter(fresh));
  const { bytes, selfCheck } = await exportAdapter(jobOf({ adapter: integrated }));
  const files = unzipSync(bytes);
  expect(Object.keys(files)).not.toContain('adapter_config.json');
  expect(JSON.parse(words(files['studio_run.json'])).adapter).toMatchObject({ r: 4, alpha: 8 });
  expect(words(files['README.md'])).toContain('PEFT has no such layer');
  expect(words(files['README.md'])).not.toContain('library_name');
  expect(selfCheck.largestLogitDifference).toBe(0);
  disposeAdapter(integrated);
});

describe('refused, with a sentence', () => {
  type Files = Record<string, Uint8Array>;
  const zip = (files: Files) => zipSync(files, { level: 0 });
  const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array) => (files: Files) =>
    zip({ ...files, [name]: change(files[name].slice()) });
  const weights = (change: (arrays: ReturnType<typeof readSafetensors>) => void) =>
    changed(weightsFile, (bytes) => {
      const arrays = readSafetensors(bytes, 'adapter');
      change(arrays);
      return writeSafetensors(arrays.values(), 'F32');
    });
  const peft = (part: Record<string, unknown>) =>
    changed('adapter_config.json', (bytes) =>
      new TextEncoder().encode(JSON.stringify({ ...JSON.parse(words(bytes)), ...part })),
    );

  const cases: [string, (files: Files) => Uint8Array, RegExp][] = [
    ['a zip cut off', (files) => zip(files).subarray(0, 5000), /expected a zip that can be read back, it cannot/],
    ['no weights', ({ [weightsFile]: _, ...files }) => zip(files), /expected adapter_model.safetensors in the zip/],
    ['a missing tensor', weights((arrays) => arrays.delete([...arrays.keys()][3])), /names and shapes/],
    [
      'one number changed',
      weights((arrays) => {
        [...arrays.values()][1].data[0] += 0.01;
      }),
      /same logits .* on 3 conversations .*, got a difference of 0\.\d+/,
    ],
    [
      'a number that is none',
      weights((arrays) => {
        [...arrays.values()][1].data[0] = Number.NaN;
      }),
      /got a difference of NaN/,
    ],
    ['another scale', peft({ lora_alpha: 9 }), /got a difference of \d/],
    [
      'damaged weights',
      changed(weightsFile, (bytes) => bytes.subarray(0, 900)),
      /expected adapter_model.safetensors that can/,
    ],
    [
      'damaged settings',
      changed('adapter_config.json', (bytes) => bytes.subarray(5)),
      /expected adapter_config.json that can/,
    ],
    ['no rank', peft({ r: null }), /expected adapter_config.json with rank, alpha/],
    [
      'a changed tokenizer',
      changed('tokenizer.json', (bytes) => bytes.fill(32, 9, 10)),
      /expected tokenizer.json to come back/,
    ],
  ];
  test.each(cases)('%s', async (_, pack, sentence) => {
    const before = memory().numTensors;
    await expect(exportAdapter(jobOf({ pack }))).rejects.toThrow(sentence);
    await expect(exportAdapter(jobOf({ pack }))).rejects.toThrow(/^export: .*Nothing was offered for download/);
    expect(memory().numTensors).toBe(before);
  });

  test('one byte of the zip flipped among the weights', async () => {
    const flip = (files: Files) => {
      const bytes = zip(files);
      const name = new TextEncoder().encode(weightsFile);
      const start = bytes.findIndex((_, i) => name.every((byte, j) => bytes[i + j] === byte)) + name.length;
      bytes[start + files[weightsFile].length - 2] ^= 0x40;
      return bytes;
    };
    await expect(exportAdapter(jobOf({ pack: flip }))).rejects.toThrow(/same logits|come back/);
  });
});

test('a model that llama.cpp knows: the same adapter as a GGUF beside it, proven as well', async () => {
  const known = { ...model, id: 'lab/small llama', config: { model_type: 'llama' } };
  const job = jobOf({ model: known, config: { ...config, model: known.id } });
  const { bytes, fileName } = await exportAdapter(job);
  expect(fileName).toBe('lab-small-llama-score-seed3-step40.zip');
  const files = unzipSync(bytes);
  expect(words(files.Modelfile)).toContain('ADAPTER ./adapter.gguf');
  expect(words(files['adapter.gguf'].subarray(0, 4))).toBe('GGUF');
  const spoiled = (entries: Record<string, Uint8Array>) => {
    const gguf = entries['adapter.gguf'].slice();
    gguf.set(new Uint8Array(Float32Array.of(3).buffer), gguf.length - 64);
    return zipSync({ ...entries, 'adapter.gguf': gguf }, { level: 0 });
  };
  const before = memory().numTensors;
  await expect(exportAdapter({ ...job, pack: spoiled })).rejects.toThrow(
    /adapter for llama\.cpp read back .* difference/,
  );
  expect(memory().numTensors).toBe(before);
});

test('the log of the run, as tools for trainers read it', async () => {
  const state = JSON.parse(words(unzipSync((await exportAdapter(jobOf())).bytes)['trainer_state.json']));
  expect(state).toMatchObject({ best_global_step: 40, global_step: 40, max_steps: 70, num_input_tokens_seen: 400 });
  expect(state.best_metric).toBe(measured.evaluations[1].greedy.accuracyT2);
  expect(state.log_history.map(({ step }: { step: number }) => step)).toEqual([0, 1, 40, 40]);
  expect(state.log_history[1]).toEqual({ step: 1, seconds: 2, reward: 0.01, kl: null });
  const { accuracyT1, cToI } = measured.evaluations[1].greedy;
  expect(state.log_history[3]).toMatchObject({ 'eval/accuracy_t1': accuracyT1, 'eval/c_to_i': cToI });
  expect(Object.keys(unzipSync((await exportAdapter(jobOf({ measured: nothing }))).bytes))).not.toContain(
    'trainer_state.json',
  );
});
