// Opening models of every architecture: the older spellings of files, and what is refused, by name and leaving nothing behind.
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerCpu';
import { StudioError } from '../protocol/errors';
import { architectureOf } from './architectures';
import type { Config } from './configReader';
import { memoryBytes } from './files/memoryBytes';
import { openSafetensorsFolder } from './files/safetensorsFolder';
import { openModel } from './openModel';
import { importPeftAdapter } from './peftImport';
import { type NamedArray, writeSafetensors } from './safetensors';
import { goldenAdapter, goldenArrays, goldenJson, openGolden } from './testing/goldenModels';

beforeAll(() => setBackend('cpu'));

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

async function openArrays(config: Config, arrays: NamedArray[]) {
  const files = {
    'config.json': bytesOf(config),
    'model.safetensors': writeSafetensors(arrays, 'F32'),
  };
  return openModel(
    await openSafetensorsFolder(
      new Map(Object.entries(files).map(([name, bytes]) => [name, memoryBytes(name, bytes)])),
    ),
    { id: 'test' },
  );
}

test('the names of the original GPT-2, with its masks that look like biases', async () => {
  const arrays = [...goldenArrays('gpt2', 'model.safetensors').values()];
  const original = arrays.map((array) => ({ ...array, name: array.name.replace(/^transformer\./, '') }));
  original.push({ name: 'h.0.attn.bias', shape: [1, 1, 2, 2], data: Float32Array.of(1, 0, 1, 1) });
  const model = await openArrays(goldenJson('gpt2', 'config.json'), original);
  const same = await openGolden('gpt2');
  for (const [name, weight] of same.weights) {
    expect(model.weights.get(name)?.shape, name).toEqual(weight.shape);
    expect(model.weights.get(name)?.dataSync(), name).toEqual(weight.dataSync());
  }
  // Conv1D lies [in, out] in the file.
  const stored = arrays.find(({ name }) => name === 'transformer.h.0.mlp.c_fc.weight');
  const [out, inner] = same.weights.get('transformer.h.0.mlp.c_fc.weight')?.shape ?? [];
  expect(stored?.shape).toEqual([inner, out]);
  expect(same.weights.get('transformer.h.0.mlp.c_fc.weight')?.dataSync()[inner + 3]).toBe(stored?.data[3 * out + 1]);
  model.dispose();
  same.dispose();
});

describe('refused, naming what', () => {
  const base = (arch: string): Config => goldenJson(arch, 'config.json');
  test.each<[string, string, Config, RegExp]>([
    ['an unknown architecture', 'llama', { model_type: 'mamba' }, /model_type .*got "mamba"/],
    ['no architecture', 'llama', { model_type: undefined }, /model_type/],
    ['pictures and text', 'gemma3', { model_type: 'gemma3' }, /got "gemma3"/],
    ['quantised safetensors', 'llama', { quantization_config: { bits: 4 } }, /quantization_config/],
    ['yarn', 'llama', { rope_parameters: { rope_type: 'yarn', factor: 4 } }, /rope type "yarn"/],
    ['longrope', 'phi3', { rope_scaling: { type: 'longrope' } }, /rope type "longrope"/],
    ['an activation', 'mistral', { hidden_act: 'relu' }, /hidden_act "silu", got "relu"/],
    ['an activation of GPT-2', 'gpt2', { activation_function: 'relu' }, /activation_function/],
    ['an activation of NeoX', 'gpt_neox', { hidden_act: 'gelu_fast' }, /hidden_act "gelu"/],
    [
      'scores scaled by the layer',
      'gpt2',
      { scale_attn_by_inverse_layer_idx: true },
      /scale_attn_by_inverse_layer_idx/,
    ],
    ['scores that are not scaled', 'gpt2', { scale_attn_weights: false }, /scale_attn_weights/],
    ['cross-attention', 'gpt2', { add_cross_attention: true }, /add_cross_attention/],
    ['capped scores', 'gemma3', { attn_logit_softcapping: 50 }, /attn_logit_softcapping/],
    ['capped logits', 'gemma3', { final_logit_softcapping: 30 }, /final_logit_softcapping/],
    ['a model that sees the future', 'gemma3', { use_bidirectional_attention: true }, /use_bidirectional_attention/],
    ['layers of another kind', 'qwen3', { layer_types: ['full_attention', 'linear_attention'] }, /layer_types/],
    ['layer types of another depth', 'qwen2', { layer_types: ['full_attention'] }, /layer_types/],
    [
      'a window without a width',
      'qwen2',
      { layer_types: ['full_attention', 'sliding_attention'] },
      /use_sliding_window/,
    ],
    ['a missing size', 'qwen2', { hidden_size: undefined }, /hidden_size/],
    ['a size that is a text', 'phi3', { intermediate_size: '78' }, /intermediate_size .*"78"/],
    ['heads that do not divide', 'gpt_neox', { num_attention_heads: 3 }, /num_attention_heads/],
  ])('%s', (_, arch, change, message) => {
    const open = () => architectureOf({ ...base(arch), ...change });
    expect(open).toThrow(message);
    expect(open).toThrow(StudioError);
  });

  test.each<[string, (arrays: NamedArray[]) => NamedArray[], RegExp]>([
    ['a missing tensor', (arrays) => arrays.slice(0, -1), /expected a tensor "/],
    [
      'a misshapen tensor',
      ([first, ...rest]) => [{ ...first, shape: first.shape.toReversed() }, ...rest],
      /tensor "lm_head\.weight": expected \[101,36\] as config\.json says, got \[36,101\]/,
    ],
    [
      'a number that is none',
      (arrays) =>
        arrays.map((array, i) => (i === 4 ? { ...array, data: array.data.slice().fill(Number.NaN, 7, 8) } : array)),
      /expected finite numbers, got NaN at position 7/,
    ],
  ])('%s', async (_, change, message) => {
    const before = memory().numTensors;
    const arrays = change([...goldenArrays('mistral', 'model.safetensors').values()]);
    await expect(openArrays(base('mistral'), arrays)).rejects.toThrow(message);
    expect(memory().numTensors).toBe(before);
  });
});

describe('adapters of PEFT', () => {
  const peft = (): Config => goldenJson('llama', 'adapter/adapter_config.json');
  const tensors = () => goldenArrays('llama', 'adapter/adapter_model.safetensors');

  test('rank and alpha by module, rsLoRA', async () => {
    const model = await openGolden('llama');
    const adapter = goldenAdapter(model, 'adapter');
    expect(adapter.lora.size).toBe(model.architecture.projections.length);
    const patterns = { alpha_pattern: { 'layers.0.self_attn.q_proj': 20, v_proj: 6 }, use_rslora: true };
    const other = importPeftAdapter(model, { ...peft(), ...patterns }, tensors());
    expect(other.config).toMatchObject({
      alphaPattern: { 'layers.0.self_attn.q_proj': 20, v_proj: 6 },
      rslora: true,
    });
    model.dispose();
  });

  test.each<[string, Config, (arrays: Map<string, NamedArray>) => void, RegExp]>([
    ['DoRA', { use_dora: true }, () => {}, /use_dora/],
    ['another method', { peft_type: 'IA3' }, () => {}, /peft_type/],
    ['trained biases', { bias: 'all' }, () => {}, /bias/],
    ['whole modules', { modules_to_save: ['lm_head'] }, () => {}, /modules_to_save/],
    ['a base that was changed', { init_lora_weights: 'pissa' }, () => {}, /init_lora_weights/],
    ['a pattern that is an expression', { rank_pattern: { '.*q_proj': 2 } }, () => {}, /pattern ".*q_proj"/],
    ['another rank', { r: 3 }, () => {}, /expected \[3,/],
    [
      'an adapter of the head',
      {},
      (arrays) => {
        const name = 'base_model.model.lm_head.lora_A.weight';
        arrays.set(name, { name, shape: [4, 48], data: new Float32Array(192) });
      },
      /got "lm_head"/,
    ],
    [
      'an adapter of the embedding',
      {},
      (arrays) => {
        const name = 'base_model.model.model.embed_tokens.lora_embedding_A';
        arrays.set(name, { name, shape: [4, 48], data: new Float32Array(192) });
      },
      /lora_embedding_A/,
    ],
    [
      'half a pair',
      {},
      (arrays) => void arrays.delete('base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight'),
      /lora_A and lora_B of "model\.layers\.0\.self_attn\.q_proj"/,
    ],
  ])('%s is refused', async (_, change, spoil, message) => {
    const model = await openGolden('llama');
    const before = memory().numTensors;
    const arrays = tensors();
    spoil(arrays);
    expect(() => importPeftAdapter(model, { ...peft(), ...change }, arrays)).toThrow(message);
    expect(memory().numTensors).toBe(before);
    model.dispose();
  });
});
