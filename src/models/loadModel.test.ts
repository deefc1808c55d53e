// Hostile and honest model files: every refusal is one sentence with where, what was expected, what came and what to do.
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerCpu';
import { float16ToFloat32, float32ToFloat16 } from '../lib/float16';
import { StudioError } from '../protocol/errors';
import { createAdapter, peftConfig, readAdapter } from './adapter';
import { loadModel, type ModelFiles } from './loadModel';
import { readSafetensors, writeSafetensors } from './safetensors';
import { fileBytes, SMALL_DIAL_CONFIG, smallDialFiles, smallDialWeights } from './testing/smallDial';

beforeAll(async () => {
  await setBackend('cpu');
});

const weights = smallDialWeights(1);

function files(change: Record<string, Uint8Array | null> = {}): ModelFiles {
  const all = smallDialFiles();
  for (const [name, value] of Object.entries(change)) {
    if (value) all.set(name, value);
    else all.delete(name);
  }
  return all;
}

const config = (change: Record<string, unknown>) => fileBytes({ ...SMALL_DIAL_CONFIG, ...change });

/** A file whose header says what it likes. */
function lying(header: unknown, body: number): Uint8Array {
  const head = fileBytes(header);
  const out = new Uint8Array(8 + head.length + body);
  new DataView(out.buffer).setBigUint64(0, BigInt(head.length), true);
  out.set(head, 8);
  return out;
}

const whole = writeSafetensors(weights, 'F32');
const poisoned = weights.map((array, i) =>
  i === 3 ? { ...array, data: array.data.map((v, j) => (j === 7 ? Number.NaN : v)) } : array,
);
const reshaped = weights.map((array, i) => (i === 0 ? { ...array, shape: [array.shape[1], array.shape[0]] } : array));

describe('refused with a sentence', () => {
  test.each<[string, Record<string, Uint8Array | null>, RegExp]>([
    ['a missing file', { 'tokenizer.json': null }, /got no tokenizer\.json/],
    ['a config that is no JSON', { 'config.json': fileBytes('{') }, /config\.json: expected a JSON object/],
    [
      'another architecture',
      { 'config.json': config({ model_type: 'mamba' }) },
      /expected model_type to be one of llama, .*, got "mamba"/,
    ],
    ['a size out of range', { 'config.json': config({ hidden_size: -3 }) }, /expected hidden_size .* got -3/],
    [
      'heads that do not divide',
      { 'config.json': config({ num_key_value_heads: 3 }) },
      /multiple of num_key_value_heads/,
    ],
    [
      'rotary scaling we do not have',
      { 'config.json': config({ rope_scaling: { rope_type: 'yarn', factor: 4 } }) },
      /rope type "yarn"/,
    ],
    ['another activation', { 'config.json': config({ hidden_act: 'gelu' }) }, /expected hidden_act "silu"/],
    ['an empty file', { 'model.safetensors': new Uint8Array(3) }, /expected at least 8 bytes, got 3/],
    ['a truncated file', { 'model.safetensors': whole.subarray(0, whole.length - 1000) }, /expected bytes within/],
    [
      'a header longer than the file',
      { 'model.safetensors': whole.subarray(0, 100) },
      /expected a header of at most 92 bytes/,
    ],
    [
      'a header that is no JSON',
      { 'model.safetensors': lying('nonsense', 10).fill(65, 8) },
      /expected a JSON object as header/,
    ],
    [
      'an unknown type',
      { 'model.safetensors': lying({ x: { dtype: 'I4', shape: [1], data_offsets: [0, 4] } }, 4) },
      /expected F32, F16 or BF16, got I4/,
    ],
    [
      'a shape that lies',
      { 'model.safetensors': lying({ x: { dtype: 'F32', shape: [1000000], data_offsets: [0, 4] } }, 4) },
      /expected 4000000 bytes .* got 4/,
    ],
    [
      'negative offsets',
      { 'model.safetensors': lying({ x: { dtype: 'F32', shape: [1], data_offsets: [-4, 0] } }, 4) },
      /expected bytes within/,
    ],
    [
      'a missing tensor',
      { 'model.safetensors': writeSafetensors(weights.slice(1), 'F32') },
      /expected a tensor "model\.embed_tokens\.weight"/,
    ],
    [
      'a wrong shape',
      {
        'model.safetensors': writeSafetensors(reshaped, 'F32'),
        'config.json': config({ vocab_size: 128, hidden_size: 128, intermediate_size: 353 }),
      },
      /expected \[353,128\] as config\.json says, got \[352,128\]/,
    ],
    [
      'NaN weights',
      { 'model.safetensors': writeSafetensors(poisoned, 'F32') },
      /expected finite numbers, got NaN at position 7/,
    ],
    [
      'a tokenizer without a model',
      { 'tokenizer.json': fileBytes({}) },
      /tokenizer\.json: expected an object with a "model"/,
    ],
    ['no chat template', { 'chat_template.jinja': null }, /expected chat_template\.jinja/],
    ['a smaller vocabulary', { 'config.json': config({ vocab_size: 100 }) }, /expected \[100,128\]/],
  ])('%s', (_, change, message) => {
    const before = memory().numTensors;
    const load = () => loadModel('broken', files(change));
    expect(load).toThrow(message);
    expect(memory().numTensors).toBe(before);
    try {
      load();
    } catch (error) {
      expect(error instanceof StudioError || error instanceof RangeError).toBe(true);
    }
  });
});

test('an honest folder loads, and leaves nothing behind', () => {
  const before = memory().numTensors;
  const model = loadModel('small', files());
  expect(model.parameters).toBe(weights.reduce((sum, { data }) => sum + data.length, 0));
  expect(model.tokenizer.decode(model.chat.prompt([{ role: 'user', content: 'dial 7 3 11 5 2 8' }]))).toBe(
    'dial 7 3 11 5 2 8',
  );
  model.dispose();
  expect(memory().numTensors).toBe(before);
});

test('float16: every value survives, rounding is to nearest even', () => {
  for (let half = 0; half < 65536; half++) {
    const value = float16ToFloat32(half);
    if (Number.isNaN(value)) expect(Number.isNaN(float16ToFloat32(float32ToFloat16(value)))).toBe(true);
    else expect(float32ToFloat16(value)).toBe(half);
  }
  expect(float32ToFloat16(1 + 2 ** -11)).toBe(0x3c00); // tie to even
  expect(float32ToFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
  expect(float32ToFloat16(65520)).toBe(0x7c00);
});

test('what is written is read back', () => {
  const array = { name: 'x', shape: [2, 3], data: Float32Array.of(1, -2.5, 0, 1e-8, 65504, -0.1) };
  expect([...readSafetensors(writeSafetensors([array], 'F32'), 'f').get('x')!.data]).toEqual([...array.data]);
  const half = readSafetensors(writeSafetensors([array], 'F16'), 'f').get('x')!;
  half.data.forEach((value, i) => {
    expect(Math.abs(value - array.data[i])).toBeLessThanOrEqual(Math.abs(array.data[i]) * 2 ** -11 + 2 ** -25);
  });
});

test('an adapter carries PEFT’s names and shapes', async () => {
  const model = loadModel('small', files());
  const adapter = createAdapter(model, { method: 'lora', r: 4, alpha: 8, targets: ['q_proj', 'down_proj'] }, 1);
  const arrays = await readAdapter(adapter);
  expect(arrays.map(({ name, shape }) => [name, shape])).toEqual([
    ['base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight', [4, 128]],
    ['base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight', [128, 4]],
    ['base_model.model.model.layers.0.mlp.down_proj.lora_A.weight', [4, 352]],
    ['base_model.model.model.layers.0.mlp.down_proj.lora_B.weight', [128, 4]],
  ]);
  expect(arrays[1].data.every((value) => value === 0)).toBe(true);
  expect(peftConfig(model, adapter)).toMatchObject({ r: 4, lora_alpha: 8, target_modules: ['q_proj', 'down_proj'] });
  expect(() => createAdapter(model, { method: 'lora', r: 4, alpha: 8, targets: ['nothing'] }, 1)).toThrow(
    /targets that name linear layers/,
  );
});
