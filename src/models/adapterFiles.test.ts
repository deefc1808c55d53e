// Adapters home and back, on every architecture: the PEFT folder, the GGUF for llama.cpp and the merged checkpoint, each read back as a
// stranger would, answer as the adapter in memory. The GGUF of the reference adapter is the reference file, tensor for tensor.
import { tidy } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { type Adapter, disposeAdapter, peftConfig, readAdapter } from './adapter';
import { blendAdapters } from './blendAdapters';
import { readGgufHeader } from './files/ggufHeader';
import { memoryBytes } from './files/memoryBytes';
import { openGguf } from './files/openGguf';
import { openSafetensorsFolder } from './files/safetensorsFolder';
import { readGgufAdapter, writeGgufAdapter } from './ggufAdapter';
import { mergedWeights } from './mergedWeights';
import { type LanguageModel, logitsOf } from './model';
import { openModel } from './openModel';
import { importPeftAdapter } from './peftImport';
import { type NamedArray, readSafetensors, writeSafetensors } from './safetensors';
import { goldenFile, goldenJson } from './testing/goldenFiles';
import { goldenAdapter, goldenArrays, goldenNames, goldenJson as modelJson, openGolden } from './testing/goldenModels';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(stopSimd);

const fixtures = new URL('./fixtures/gguf/', import.meta.url);
const IDS = [5, 17, 3, 40, 8, 22, 61, 2, 33];

async function logitsFor(model: LanguageModel, adapter: Adapter | null, ids = IDS): Promise<Float32Array> {
  const cache = new KeyValueCache(model);
  cache.reset(1, ids.length);
  const row = { past: [], own: cache.allocate() };
  const hidden = cache.read(adapter, [row], Int32Array.from(ids), Int32Array.from(ids.keys()), ids.length);
  const logits = tidy(() => logitsOf(model, adapter, hidden));
  const values = Float32Array.from(await logits.data());
  for (const t of [hidden, logits]) t.dispose();
  cache.dispose();
  return values;
}

const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]) || (value === b[i] ? 0 : Number.NaN)), 0);

/** The reference adapter with scales of its own: rsLoRA, another alpha for the first layer. */
function variedAdapter(model: LanguageModel): Adapter {
  const first = model.architecture.projections[0];
  const config = {
    ...modelJson(model.id, 'adapter/adapter_config.json'),
    alpha_pattern: { [first]: 3 },
    use_rslora: true,
  };
  return importPeftAdapter(model, config, goldenArrays(model.id, 'adapter/adapter_model.safetensors'));
}

describe.each(goldenNames())('%s', (name) => {
  test('PEFT folder, GGUF and merged weights answer as the adapter in memory', async () => {
    const model = await openGolden(name);
    const adapter = variedAdapter(model);
    const inMemory = await logitsFor(model, adapter);
    expect(largest(inMemory, await logitsFor(model, null))).toBeGreaterThan(0.1);

    const files = writeSafetensors(await readAdapter(adapter), 'F32');
    const config = JSON.parse(JSON.stringify(peftConfig(model, adapter)));
    expect(config.fan_in_fan_out).toBe(name === 'gpt2');
    const fromPeft = importPeftAdapter(model, config, readSafetensors(files, 'adapter_model.safetensors'));
    expect(largest(inMemory, await logitsFor(model, fromPeft))).toBe(0);

    // One alpha for all: other scales are multiplied into B, which rounds once.
    const fromGguf = await readGgufAdapter(model, memoryBytes('adapter.gguf', await writeGgufAdapter(model, adapter)));
    expect(largest(inMemory, await logitsFor(model, fromGguf))).toBeLessThan(1e-4);

    const arrays: NamedArray[] = [];
    for await (const array of mergedWeights(model, adapter)) arrays.push(array);
    const folder = new Map([
      ['config.json', new TextEncoder().encode(JSON.stringify(model.config))],
      ['model.safetensors', writeSafetensors(arrays, 'F32')],
    ]);
    const sources = new Map([...folder].map(([file, bytes]) => [file, memoryBytes(file, bytes)]));
    const merged = await openModel(await openSafetensorsFolder(sources), { id: 'merged' });
    expect(largest(inMemory, await logitsFor(merged, null))).toBeLessThan(5e-4);
    for (const one of [adapter, fromPeft, fromGguf]) disposeAdapter(one);
    for (const one of [model, merged]) one.dispose();
  });
});

test('a blend of adapters is the weighted sum of what each adds, and a blend of one is that one', async () => {
  const model = await openGolden('llama');
  const [first, second] = [goldenAdapter(model, 'adapter'), variedAdapter(model)];
  const alone = blendAdapters([{ adapter: first, weight: 1 }]);
  expect(largest(await logitsFor(model, alone), await logitsFor(model, first))).toBeLessThan(1e-4);
  // Twice the same path with half the weight each is the path.
  const halves = blendAdapters([
    { adapter: first, weight: 0.5 },
    { adapter: first, weight: 0.5 },
  ]);
  expect(halves.lora.get(model.architecture.projections[0])?.a.shape[0]).toBe(8);
  expect(largest(await logitsFor(model, halves), await logitsFor(model, first))).toBeLessThan(1e-4);
  // Two different ones: their merged weights, added to the base's.
  const mixed = blendAdapters([
    { adapter: first, weight: 0.7 },
    { adapter: second, weight: -0.2 },
  ]);
  const name = 'model.layers.1.mlp.down_proj.weight';
  const merged = async (adapter: Adapter) => {
    for await (const array of mergedWeights(model, adapter)) if (array.name === name) return array.data;
    throw new Error(name);
  };
  const base = await model.weights.get(name)!.data();
  const [a, b, ab] = [await merged(first), await merged(second), await merged(mixed)];
  const want = base.map((value, i) => value + 0.7 * (a[i] - value) - 0.2 * (b[i] - value));
  expect(largest(ab, Float32Array.from(want))).toBeLessThan(1e-5);
  for (const one of [first, second, alone, halves, mixed]) disposeAdapter(one);
  model.dispose();
});

describe('the reference adapter for llama.cpp', () => {
  const peft = () =>
    readSafetensors(
      goldenFile('gguf', 'tiny-lora-peft/adapter_model.safetensors', fixtures),
      'adapter_model.safetensors',
    );
  const openTiny = async (holding: 'float32' | 'stored') =>
    openModel(await openGguf(memoryBytes('tiny-llama.gguf', goldenFile('gguf', 'tiny-llama.gguf', fixtures))), {
      id: 'tiny-llama',
      holding,
    });

  test('is written tensor for tensor, and read back to the bit', async () => {
    const model = await openTiny('float32');
    const adapter = importPeftAdapter(
      model,
      goldenJson('gguf', 'tiny-lora-peft/adapter_config.json', fixtures),
      peft(),
    );
    const tensorsOf = async (bytes: Uint8Array) => {
      const { places, metadata } = await readGgufHeader(memoryBytes('x.gguf', bytes));
      const raw = places.map(
        ({ name, shape, from, bytes: length }) => [name, { shape, raw: bytes.subarray(from, from + length) }] as const,
      );
      return { metadata, tensors: new Map(raw) };
    };
    const reference = goldenFile('gguf', 'tiny-lora.gguf', fixtures);
    const [ours, theirs] = [await tensorsOf(await writeGgufAdapter(model, adapter)), await tensorsOf(reference)];
    expect([...ours.tensors.keys()].sort()).toEqual([...theirs.tensors.keys()].sort());
    for (const [name, tensor] of theirs.tensors) expect(ours.tensors.get(name), name).toEqual(tensor);
    for (const key of ['general.architecture', 'general.type', 'adapter.type', 'adapter.lora.alpha']) {
      expect(ours.metadata.get(key), key).toEqual(theirs.metadata.get(key));
    }
    const back = await readGgufAdapter(model, memoryBytes('tiny-lora.gguf', reference));
    const values = new Map((await readAdapter(back)).map((array) => [array.name, array]));
    for (const array of await readAdapter(adapter)) expect(values.get(array.name), array.name).toEqual(array);
    for (const one of [adapter, back]) disposeAdapter(one);
    model.dispose();
  });

  test('gives llama.cpp’s logits on the base in float32 and on its blocks as they are', async () => {
    const golden = goldenJson('gguf', 'tiny-llama.golden.json', fixtures);
    const want = readSafetensors(
      withoutIntegers(goldenFile('gguf', 'tiny-llama.golden.safetensors', fixtures)),
      'tiny-llama.golden.safetensors',
    );
    for (const holding of ['float32', 'stored'] as const) {
      const model = await openTiny(holding);
      const adapter = importPeftAdapter(
        model,
        goldenJson('gguf', 'tiny-lora-peft/adapter_config.json', fixtures),
        peft(),
      );
      const rows: number[][] = golden.input_ids;
      for (const [policy, key, tolerance] of [
        [null, 'logits', 2e-4],
        [adapter, 'adapter.logits', 5e-4],
      ] as const) {
        const expected = want.get(key)!.data;
        const size = expected.length / rows.length;
        for (const [b, ids] of rows.entries()) {
          const got = await logitsFor(model, policy, ids);
          expect(largest(got, expected.subarray(b * size, (b + 1) * size)), `${holding} ${key}`).toBeLessThan(
            tolerance,
          );
        }
      }
      disposeAdapter(adapter);
      model.dispose();
    }
  });
});

/** The reference file also holds ids as I64, which no model file does. */
function withoutIntegers(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const floats = Object.entries(header).filter(([, entry]) => (entry as { dtype?: string }).dtype !== 'I64');
  bytes.set(new TextEncoder().encode(JSON.stringify(Object.fromEntries(floats)).padEnd(length)), 8);
  return bytes;
}
