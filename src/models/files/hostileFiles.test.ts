// 2,000 changes to each format: never a hang, never more memory than the file's length justifies, always our own error. Then a large
// honest file: what reading it takes.
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../../ops/registerCpu';
import { BLOCK_TYPES, rowBytes, type StoredType } from '../../lib/blocks/blockTypes';
import { createAdapter, disposeAdapter, peftConfig, readAdapter } from '../adapter';
import { openModel } from '../openModel';
import { importPeftAdapter } from '../peftImport';
import { readSafetensors, writeSafetensors } from '../safetensors';
import { countAllocations, fuzz, mutate } from '../testing/mutations';
import { fileBytes, smallDial, smallDialFiles } from '../testing/smallDial';
import { memoryBytes } from './memoryBytes';
import type { ModelDescription } from './modelDescription';
import { openGguf } from './openGguf';
import { parseJsonObject } from './refuse';
import { openSafetensorsFolder } from './safetensorsFolder';
import { forEachSlice, readFloats } from './storedFloats';
import type { ByteSource } from './tensorSource';
import { type GgufEntry, type GgufTensor, writeGguf } from './writeGguf';

const MUTATIONS = 2000;

beforeAll(async () => {
  await setBackend('cpu');
});

function counted(source: ByteSource, count: (bytes: number) => void): ByteSource {
  return {
    ...source,
    read(offset, length) {
      count(length);
      return source.read(offset, length);
    },
  };
}

async function readAll({ tensors }: ModelDescription): Promise<void> {
  for (const tensor of tensors.tensors.values()) await readFloats(tensor);
}

/** A llama of one layer with a matrix of every type, and a vocabulary. */
function smallGguf(): { bytes: Uint8Array; head: number } {
  const metadata = new Map<string, GgufEntry>([
    ['general.architecture', { kind: 'text', value: 'llama' }],
    ['general.alignment', { kind: 'u32', value: 32 }],
    ...Object.entries({ embedding_length: 256, context_length: 64, block_count: 1, feed_forward_length: 256 }).map(
      ([key, value]): [string, GgufEntry] => [`llama.${key}`, { kind: 'u32', value }],
    ),
    ['llama.attention.head_count', { kind: 'u32', value: 4 }],
    ['llama.attention.layer_norm_rms_epsilon', { kind: 'f32', value: 1e-5 }],
    ['tokenizer.ggml.tokens', { kind: 'texts', value: ['a', 'b', '<|end|>', '안녕'] }],
    ['tokenizer.ggml.scores', { kind: 'f32s', value: [0, 1, 2, 3] }],
    ['tokenizer.ggml.token_type', { kind: 'i32s', value: [1, 1, 3, 1] }],
    ['tokenizer.ggml.add_bos_token', { kind: 'bool', value: true }],
  ]);
  const tensor = (name: string, shape: number[], type: StoredType): GgufTensor => {
    const length = shape.slice(0, -1).reduce((product, size) => product * size, 1) * rowBytes(type, shape.at(-1)!);
    return { name, shape, type, raw: Uint8Array.from({ length }, (_, i) => (i * 37) & 63) };
  };
  const parts = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'];
  const types = Object.keys(BLOCK_TYPES).filter((type): type is StoredType => type in BLOCK_TYPES);
  const tensors = [
    tensor('token_embd.weight', [4, 256], 'Q8_0'),
    tensor('rope_freqs.weight', [32], 'F32'),
    ...types.map((type, i) => tensor(`blk.${Math.floor(i / 7)}.${parts[i % 7]}.weight`, [64, 256], type)),
  ];
  const data = tensors.reduce((sum, { raw }) => sum + Math.ceil(raw.length / 32) * 32, 0);
  const bytes = writeGguf(metadata, tensors);
  return { bytes, head: bytes.length - data };
}

const right = { mutations: MUTATIONS, strangers: [] };

function check(counts: Awaited<ReturnType<typeof fuzz>>): void {
  expect(counts).toMatchObject(right);
  expect(counts.refused).toBeGreaterThan(MUTATIONS / 4);
  expect(counts.survived).toBeGreaterThan(0);
  // Of processor time: a busy machine does not make a file hang.
  expect(counts.slowest).toBeLessThan(2);
  expect(counts.overBudget).toBeLessThanOrEqual(0);
  console.log(`${counts.refused} refused, ${counts.survived} read, slowest ${counts.slowest.toFixed(3)} s`);
}

describe('changed at random', () => {
  test('GGUF', async () => {
    const { bytes: honest, head } = smallGguf();
    await readAll(await openGguf(memoryBytes('honest.gguf', honest)));
    check(
      await fuzz(honest, head, MUTATIONS, async (bytes, count) =>
        readAll(await openGguf(counted(memoryBytes('x.gguf', bytes), count))),
      ),
    );
  });

  test('safetensors', async () => {
    const files = smallDialFiles();
    const arrays = [...readSafetensors(files.get('model.safetensors')!, 'honest').values()];
    const small = arrays.map(({ name, shape, data }) =>
      shape.length === 1 ? { name, shape, data } : { name, shape: [2, 16], data: data.slice(0, 32) },
    );
    const honest = writeSafetensors(small, 'F16');
    const head = 8 + Number(new DataView(honest.buffer).getBigUint64(0, true));
    const others = ['config.json', 'tokenizer.json'].map(
      (name) => [name, memoryBytes(name, files.get(name)!)] as const,
    );
    check(
      await fuzz(honest, head, MUTATIONS, async (bytes, count) => {
        const weights = counted(memoryBytes('model.safetensors', bytes), count);
        await readAll(await openSafetensorsFolder(new Map([...others, ['model.safetensors', weights]])));
      }),
    );
  });

  test('config.json, up to a placed model', async () => {
    const files = smallDialFiles();
    const honest = files.get('config.json')!;
    const before = memory().numTensors;
    check(
      await fuzz(honest, honest.length, MUTATIONS, async (bytes) => {
        const changed = [...files].map(([name, own]) => [name, name === 'config.json' ? bytes : own] as const);
        const sources = changed.map(([name, own]) => [name, memoryBytes(name, own)] as const);
        (await openModel(await openSafetensorsFolder(new Map(sources)), { id: 'x' })).dispose();
      }),
    );
    expect(memory().numTensors).toBe(before);
  });

  test('an index of several files', async () => {
    const files = smallDialFiles();
    const whole = readSafetensors(files.get('model.safetensors')!, 'honest');
    const [first, ...rest] = [...whole.values()].map(({ name, shape, data }) =>
      shape.length === 1 ? { name, shape, data } : { name, shape: [2, 16], data: data.slice(0, 32) },
    );
    const names = ['model-1.safetensors', 'model-2.safetensors'];
    const map = Object.fromEntries([[first.name, names[0]], ...rest.map(({ name }) => [name, names[1]])]);
    const index = fileBytes({ metadata: {}, weight_map: map });
    const parts = [writeSafetensors([first], 'F32'), writeSafetensors(rest, 'F32')];
    const others = ['config.json', 'tokenizer.json'].map(
      (name) => [name, memoryBytes(name, files.get(name)!)] as const,
    );
    check(
      await fuzz(index, index.length, MUTATIONS, async (bytes, count) => {
        const source = counted(memoryBytes('model.safetensors.index.json', bytes), count);
        const shards = names.map((name, i) => [name, memoryBytes(name, parts[i])] as const);
        await readAll(await openSafetensorsFolder(new Map([...others, ...shards, [source.name, source]])));
      }),
    );
  });

  test('adapters: configuration and tensors', async () => {
    const model = smallDial();
    const adapter = createAdapter(model, { method: 'lora', r: 2, alpha: 4, targets: ['q_proj', 'down_proj'] }, 1);
    const config = fileBytes(peftConfig(model, adapter));
    const weights = writeSafetensors(await readAdapter(adapter), 'F32');
    disposeAdapter(adapter);
    const head = 8 + Number(new DataView(weights.buffer).getBigUint64(0, true));
    const before = memory().numTensors;
    const load = (json: Uint8Array, tensors: Uint8Array) => {
      const settings = parseJsonObject(json, 'adapter_config.json');
      disposeAdapter(importPeftAdapter(model, settings, readSafetensors(tensors, 'adapter_model.safetensors')));
    };
    load(config, weights);
    let turn = 0;
    check(
      await fuzz(weights, head, MUTATIONS, async (bytes, count) => {
        count(bytes.length);
        // Every other time the configuration is changed instead.
        if (turn++ % 2 === 0) load(config, bytes);
        else load(mutate(config, config.length, turn), weights);
      }),
    );
    expect(memory().numTensors).toBe(before);
    model.dispose();
  });
});

test('the watch sees what is made, and only while it watches', async () => {
  const { bytes } = await countAllocations(async () => [
    new Float32Array(100),
    Uint8Array.from([1, 2]),
    new Int32Array([1]),
  ]);
  expect(bytes).toBe(400 + 2 + 4);
  const hungry = await fuzz(new Uint8Array(8), 8, 1, async () => new Float64Array(9 * 1024 * 1024));
  expect(hungry.overBudget).toBeGreaterThan(0);
  const clumsy = await fuzz(new Uint8Array(8), 8, 1, async () => Promise.reject(new TypeError('x')));
  expect(clumsy.strangers).toEqual([expect.stringContaining('seed 0: TypeError')]);
});

test('a large tensor is read in slices: never much more than its float32 in memory, no byte twice', async () => {
  const shape = [2048, 2048];
  const raw = new Uint8Array(shape[0] * rowBytes('Q8_0', shape[1]));
  const metadata = new Map<string, GgufEntry>([
    ['general.architecture', { kind: 'text', value: 'llama' }],
    ...Object.entries({ embedding_length: 2048, context_length: 64, block_count: 1, feed_forward_length: 8 }).map(
      ([key, value]): [string, GgufEntry] => [`llama.${key}`, { kind: 'u32', value }],
    ),
    ['llama.attention.head_count', { kind: 'u32', value: 16 }],
    ['llama.attention.layer_norm_rms_epsilon', { kind: 'f32', value: 1e-5 }],
  ]);
  const file = writeGguf(metadata, [
    { name: 'token_embd.weight', shape, type: 'Q8_0', raw },
    { name: 'blk.0.attn_q.weight', shape, type: 'Q8_0', raw },
  ]);
  const asked: [number, number][] = [];
  const source: ByteSource = {
    ...memoryBytes('x.gguf', file),
    async read(offset, length) {
      asked.push([offset, offset + length]);
      return file.subarray(offset, offset + length);
    },
  };
  const { tensors } = (await openGguf(source)).tensors;
  asked.length = 0;
  for (const tensor of tensors.values()) {
    let largest = 0;
    const { bytes } = await countAllocations(() =>
      forEachSlice(tensor, (slice) => {
        largest = Math.max(largest, slice.length);
      }),
    );
    expect(largest).toBeLessThanOrEqual(4 * 1024 * 1024);
    // The permuted rows of q are copied once, slice by slice.
    expect(bytes).toBeLessThanOrEqual(raw.length * 1.01);
  }
  asked.sort((a, b) => a[0] - b[0]);
  asked.slice(1).forEach(([from], i) => {
    expect(from).toBeGreaterThanOrEqual(asked[i][1]);
  });
});
