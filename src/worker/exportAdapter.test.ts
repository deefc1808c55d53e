// The file to take home: PEFT's names, shapes and configuration, the trained numbers, the same bytes every time.
import { setBackend } from '@tensorflow/tfjs-core';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import '../ops/registerCpu';
import { createAdapter, readAdapter } from '../models/adapter';
import { readSafetensors } from '../models/safetensors';
import { smallDial } from '../models/testing/smallDial';
import type { RunConfig } from '../protocol/events';
import { exportAdapter } from './exportAdapter';

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

test('a folder that peft loads', async () => {
  await setBackend('cpu');
  const model = smallDial(1, 'dial-0.8m');
  const adapter = createAdapter(model, { method: 'lora', r: 4, alpha: 8, targets: [] }, 1);
  const { fileName, bytes } = await exportAdapter(model, adapter, config, 40);
  expect(fileName).toBe('dial-0.8m-score-seed3-step40.zip');
  const files = unzipSync(bytes);
  expect(Object.keys(files).sort()).toEqual(['README.md', 'adapter_config.json', 'adapter_model.safetensors']);
  const arrays = readSafetensors(files['adapter_model.safetensors'], 'adapter');
  const expected = await readAdapter(adapter);
  expect([...arrays.keys()]).toEqual(expected.map(({ name }) => name));
  for (const { name, shape, data } of expected) {
    expect(arrays.get(name)!.shape).toEqual(shape);
    expect(arrays.get(name)!.data).toEqual(data);
  }
  const peft = JSON.parse(new TextDecoder().decode(files['adapter_config.json']));
  expect(peft).toMatchObject({ peft_type: 'LORA', r: 4, lora_alpha: 8, base_model_name_or_path: 'dial-0.8m' });
  expect(peft.target_modules.sort()).toEqual([
    'down_proj',
    'gate_proj',
    'k_proj',
    'o_proj',
    'q_proj',
    'up_proj',
    'v_proj',
  ]);
  expect(new TextDecoder().decode(files['README.md'])).toContain('40 of 70 steps');
  expect((await exportAdapter(model, adapter, config, 40)).bytes).toEqual(bytes);
  const whole = createAdapter(model, { method: 'full', r: 1, alpha: 1, targets: [] }, 1);
  const { bytes: all } = await exportAdapter(model, whole, config, 40);
  const trained = readSafetensors(unzipSync(all)['model.safetensors'], 'model');
  expect([...trained.keys()]).toEqual([...model.architecture.tensors.keys()]);
});
