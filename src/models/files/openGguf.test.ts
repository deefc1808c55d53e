// GGUF files against what gguf-py and llama.cpp's converter wrote: values, names, order of rows, configuration; then each
// architecture's own order, from tensors we permute ourselves; then lies.
import { describe, expect, test } from 'vitest';
import { StudioError } from '../../protocol/errors';
import { openTokenizer } from '../../tokenizers/modelChat';
import { readSafetensors } from '../safetensors';
import { goldenFile, goldenJson } from '../testing/goldenFiles';
import { memoryBytes } from './memoryBytes';
import type { ModelDescription } from './modelDescription';
import { openGguf } from './openGguf';
import { readFloats } from './storedFloats';
import { type GgufEntry, type GgufTensor, writeGguf } from './writeGguf';

const fixtures = new URL('../fixtures/gguf/', import.meta.url);
const open = (bytes: Uint8Array) => openGguf(memoryBytes('x.gguf', bytes));

describe.each(['tiny-llama', 'tiny-llama3-rope', 'tiny-qwen2'])('%s', (name) => {
  const golden = goldenJson('gguf', `${name}.golden.json`, fixtures);
  const bytes = goldenFile('gguf', `${name}.gguf`, fixtures);

  test('has the configuration of the model it was made from', async () => {
    const { config } = await open(bytes);
    const { rope_parameters: rope, rms_norm_eps: eps, ...plain } = golden.config;
    expect(config).toMatchObject(plain);
    expect(config.rope_theta).toBe(rope.rope_theta);
    expect(config.rms_norm_eps).toBe(Math.fround(eps));
    const divisors = rope.rope_type === 'llama3';
    expect(config.rope_scaling).toEqual(
      divisors ? { rope_type: 'divisors', divisors: expect.arrayContaining([rope.factor]) } : null,
    );
  });

  test('has its tensors in Hugging Face’s order, to the last bit', async () => {
    const { tensors, chatTemplate, tokenizer } = await open(bytes);
    expect(tensors.tensors.size).toBe(
      Object.keys(golden.tensor_types).filter((tensor) => tensor !== 'rope_freqs.weight').length,
    );
    const file = goldenFile('gguf', `${name}.golden.safetensors`, fixtures);
    const reference = readSafetensors(file, name, (key) => key.startsWith('weight.'));
    for (const [key, { shape, data }] of reference) {
      const tensor = tensors.tensors.get(key.slice('weight.'.length))!;
      expect(tensor.shape).toEqual(shape);
      expect(await readFloats(tensor)).toEqual(data);
    }
    expect(tokenizer).toMatchObject({ kind: 'gguf' });
    const words = openTokenizer(tokenizer!);
    expect(golden.tokenizer.length).toBeGreaterThan(0);
    for (const { text, ids, decoded } of golden.tokenizer) {
      expect(Array.from(words.encode(text)), text).toEqual(ids);
      expect(words.decodeAll(ids)).toBe(decoded);
    }
    expect(typeof chatTemplate === 'string' || chatTemplate === null).toBe(true);
  });
});

test('version 2 has the same layout', async () => {
  const bytes = goldenFile('gguf', 'tiny-qwen2.gguf', fixtures).slice();
  new DataView(bytes.buffer).setUint32(4, 2, true);
  expect((await open(bytes)).config.model_type).toBe('qwen2');
});

test('rows asked for in uneven slices are the same rows', async () => {
  const tensor = (await open(goldenFile('gguf', 'tiny-llama.gguf', fixtures))).tensors.tensors.get(
    'model.layers.0.self_attn.q_proj.weight',
  )!;
  const whole = await tensor.readRows(0, tensor.shape[0]);
  const parts: number[] = [];
  for (let first = 0; first < tensor.shape[0]; first += 7) {
    parts.push(...(await tensor.readRows(first, Math.min(7, tensor.shape[0] - first))));
  }
  expect(parts).toEqual([...whole]);
});

const text = (value: string): GgufEntry => ({ kind: 'text', value });
const u32 = (value: number): GgufEntry => ({ kind: 'u32', value });
const f32 = (value: number): GgufEntry => ({ kind: 'f32', value });

/** Tensors whose numbers say where they were: row · 100 + column. */
function counted(name: string, shape: number[]): GgufTensor {
  const columns = shape.at(-1)!;
  const size = shape.reduce((product, each) => product * each, 1);
  const data = Float32Array.from({ length: size }, (_, i) =>
    shape.length === 1 ? i : Math.floor(i / columns) * 100 + (i % columns),
  );
  return { name, shape, type: 'F32', raw: new Uint8Array(data.buffer) };
}

const D = 4;
const HEADS = 2;

function file(architecture: string, metadata: Record<string, GgufEntry>, tensors: GgufTensor[]): Uint8Array {
  const own = Object.entries({
    context_length: u32(32),
    embedding_length: u32(8),
    block_count: u32(1),
    feed_forward_length: u32(6),
    'attention.head_count': u32(HEADS),
    'attention.layer_norm_epsilon': f32(1e-5),
    'attention.layer_norm_rms_epsilon': f32(1e-5),
    'rope.dimension_count': u32(architecture === 'gptneox' ? 2 : D),
    ...metadata,
  }).map(([key, entry]) => [key.startsWith('split.') ? key : `${architecture}.${key}`, entry] as const);
  const all = new Map<string, GgufEntry>([['general.architecture', text(architecture)], ...own]);
  return writeGguf(all, [counted('token_embd.weight', [5, 8]), ...tensors]);
}

async function firstColumn({ tensors }: ModelDescription, name: string): Promise<number[]> {
  const tensor = tensors.tensors.get(name)!;
  const columns = tensor.shape.at(-1)!;
  return [...(await readFloats(tensor))].filter((_, i) => tensor.shape.length === 1 || i % columns === 0);
}

describe('each architecture’s order', () => {
  test('llama: neighbours of a head become halves, biases too', async () => {
    const model = await open(
      file('llama', {}, [counted('blk.0.attn_q.weight', [8, 8]), counted('blk.0.attn_k.bias', [8])]),
    );
    const rows = [0, 2, 1, 3, 4, 6, 5, 7];
    expect(await firstColumn(model, 'model.layers.0.self_attn.q_proj.weight')).toEqual(rows.map((row) => row * 100));
    expect(await firstColumn(model, 'model.layers.0.self_attn.k_proj.bias')).toEqual(rows);
  });

  test('qwen2: nothing moves', async () => {
    const model = await open(file('qwen2', {}, [counted('blk.0.attn_q.bias', [8])]));
    expect(await firstColumn(model, 'model.layers.0.self_attn.q_proj.bias')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(model.config).toMatchObject({ model_type: 'qwen2', tie_word_embeddings: true, sliding_window: null });
  });

  test('gptneox: q, k, v come together head by head; part of a head rotates', async () => {
    const model = await open(
      file('gptneox', { use_parallel_residual: { kind: 'bool', value: false } }, [
        counted('blk.0.attn_qkv.weight', [24, 8]),
        counted('blk.0.attn_qkv.bias', [24]),
        counted('output.weight', [5, 8]),
      ]),
    );
    const head = (h: number) => [0, 1, 2].flatMap((part) => [0, 1, 2, 3].map((i) => (part * HEADS + h) * D + i));
    const rows = [...head(0), ...head(1)];
    const name = 'gpt_neox.layers.0.attention.query_key_value';
    expect(await firstColumn(model, `${name}.weight`)).toEqual(rows.map((row) => row * 100));
    expect(await firstColumn(model, `${name}.bias`)).toEqual(rows);
    expect(model.tensors.tensors.has('embed_out.weight')).toBe(true);
    expect(model.config).toMatchObject({ rotary_pct: 0.5, use_parallel_residual: false, tie_word_embeddings: false });
  });

  test('gpt2: linear layers are [in, out]', async () => {
    const model = await open(file('gpt2', {}, [counted('blk.0.ffn_up.weight', [6, 8])]));
    const tensor = model.tensors.tensors.get('transformer.h.0.mlp.c_fc.weight')!;
    expect(tensor.shape).toEqual([8, 6]);
    expect([...(await readFloats(tensor))].slice(0, 7)).toEqual([0, 100, 200, 300, 400, 500, 1]);
    expect(model.config).toMatchObject({ model_type: 'gpt2', n_embd: 8, n_inner: 6, activation_function: 'gelu_new' });
  });

  test('gemma3: norms lose the 1; five local layers to a global one', async () => {
    const model = await open(
      file('gemma3', { 'attention.sliding_window': u32(4), block_count: u32(7) }, [
        counted('blk.0.post_ffw_norm.weight', [8]),
        counted('blk.0.attn_q_norm.weight', [4]),
      ]),
    );
    const norm = await firstColumn(model, 'model.layers.0.post_feedforward_layernorm.weight');
    expect(norm).toEqual([-1, 0, 1, 2, 3, 4, 5, 6]);
    expect(await firstColumn(model, 'model.layers.0.self_attn.q_norm.weight')).toEqual([-1, 0, 1, 2]);
    const { layer_types: types, ...config } = model.config;
    expect(types).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => (i === 5 ? 'full_attention' : 'sliding_attention')));
    expect(config).toMatchObject({
      model_type: 'gemma3_text',
      query_pre_attn_scalar: D,
      rope_theta: 1e6,
      rope_local_base_freq: 1e4,
    });
  });

  test('phi3: fused projections stay fused', async () => {
    const model = await open(
      file('phi3', { 'attention.sliding_window': u32(0) }, [
        counted('blk.0.attn_qkv.weight', [24, 8]),
        counted('blk.0.ffn_up.weight', [12, 8]),
      ]),
    );
    expect([...model.tensors.tensors.keys()].slice(1)).toEqual([
      'model.layers.0.self_attn.qkv_proj.weight',
      'model.layers.0.mlp.gate_up_proj.weight',
    ]);
    expect(model.config).toMatchObject({ model_type: 'phi3', sliding_window: null, partial_rotary_factor: 1 });
  });
});

describe('refused with a sentence', () => {
  const honest = goldenFile('gguf', 'tiny-qwen2.gguf', fixtures);
  const changed = (change: (view: DataView, bytes: Uint8Array) => void) => {
    const bytes = honest.slice();
    change(new DataView(bytes.buffer), bytes);
    return bytes;
  };
  const q4 = new Uint8Array(18 * 5);
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /expected a header of 24 bytes, got 0/],
    ['another format', changed((view) => view.setUint32(0, 1)), /expected "GGUF" at the beginning, got 0x1000000/],
    ['a letter', new TextEncoder().encode('this is no model, only a letter'), /at the beginning, got "this"\./],
    ['version 1', changed((view) => view.setUint32(4, 1, true)), /expected GGUF version 2 or 3, got version 1/],
    ['the other byte order', changed((view) => view.setUint32(4, 3, false)), /big-endian/],
    ['a trillion tensors', changed((view) => view.setBigUint64(8, 10n ** 12n, true)), /expected at most \d+ tensors/],
    ['a trillion entries', changed((view) => view.setBigUint64(16, 10n ** 12n, true)), /at most \d+ metadata entries/],
    ['a key longer than the file', changed((view) => view.setBigUint64(24, 10n ** 9n, true)), /a key of at most 65535/],
    ['half a file', honest.slice(0, honest.length - 5000), /expected bytes within 0…/],
    ['half a header', honest.slice(0, 3000), /expected (\d+ more bytes|a text of at most|at most)/],
    ['another architecture', file('mamba', {}, []), /one of llama, .*, got "mamba"/],
    ['experts', file('llama', { expert_count: u32(8) }, []), /expected llama\.expert_count to be 0, got 8/],
    ['soft caps', file('llama', { attn_logit_softcapping: f32(50) }, []), /attn_logit_softcapping to be 0, got 50/],
    [
      'yarn',
      file('llama', { 'rope.scaling.type': text('yarn') }, []),
      /expected rope scaling "none" or "linear", got "yarn"/,
    ],
    ['a partly rotated llama', file('llama', { 'rope.dimension_count': u32(2) }, []), /rope\.dimension_count 4.*got 2/],
    ['a part of a model', file('llama', { 'split.count': u32(3) }, []), /expected a whole model, got one of 3 parts/],
    [
      'a strange tensor',
      file('llama', {}, [counted('blk.0.ffn_gate_exps.weight', [2, 2])]),
      /got "blk\.0\.ffn_gate_exps/,
    ],
    ['a tensor twice', file('llama', {}, [counted('token_embd.weight', [5, 8])]), /each tensor once, got "token_embd/],
    [
      'a type we do not read',
      (() => {
        const bytes = file('llama', {}, [{ name: 'output.weight', shape: [5, 32], type: 'Q4_0', raw: q4 }]);
        const at = Buffer.from(bytes).indexOf('output.weight') + 'output.weight'.length + 4 + 16;
        bytes[at] = 39;
        return bytes;
      })(),
      /tensor "output\.weight": expected one of F32, .*, got MXFP4/,
    ],
  ])('%s', async (_, bytes, message) => {
    const opened = open(bytes);
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toBeInstanceOf(StudioError);
  });
});
