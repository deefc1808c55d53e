// Folders in Hugging Face's form: one file and several, every float type, and the lies an index can tell.
import { expect, test } from 'vitest';
import { StudioError } from '../../protocol/errors';
import { writeSafetensors } from '../safetensors';
import { fileBytes, smallDialFiles, smallDialWeights } from '../testing/smallDial';
import { blobBytes, memoryBytes } from './memoryBytes';
import { openSafetensorsFolder } from './safetensorsFolder';
import type { ByteSource } from './tensorSource';

const weights = smallDialWeights(1);

function folder(change: Record<string, Uint8Array | null> = {}): Map<string, ByteSource> {
  const files = new Map<string, Uint8Array | null>([...smallDialFiles(), ...Object.entries(change)]);
  return new Map(
    [...files].flatMap(([name, bytes]) => (bytes ? [[name, memoryBytes(name, bytes)] as [string, ByteSource]] : [])),
  );
}

const half = Math.floor(weights.length / 2);
const weightMap = Object.fromEntries(
  weights.map(({ name }, i) => [name, i < half ? 'model-1.safetensors' : 'model-2.safetensors']),
);
const sharded = {
  'model.safetensors': null,
  'model.safetensors.index.json': fileBytes({ weight_map: weightMap }),
  'model-1.safetensors': writeSafetensors(weights.slice(0, half), 'F32'),
  'model-2.safetensors': writeSafetensors(weights.slice(half), 'F16'),
};

const floatsOf = (bytes: Uint8Array) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

test('rows are read one by one, and only they', async () => {
  const asked: [number, number][] = [];
  const files = folder();
  const file = files.get('model.safetensors')!;
  files.set('model.safetensors', {
    ...file,
    read: (offset, length) => {
      asked.push([offset, length]);
      return file.read(offset, length);
    },
  });
  const { config, tensors, tokenizer, chatTemplate } = await openSafetensorsFolder(files);
  expect(config.model_type).toBe('llama');
  expect(tokenizer?.kind).toBe('json');
  expect(chatTemplate).toContain('messages');
  expect([...tensors.tensors.keys()]).toEqual(weights.map(({ name }) => name));
  const { name, shape, data } = weights[0];
  const tensor = tensors.tensors.get(name)!;
  expect([tensor.type, tensor.shape, tensor.bytes]).toEqual(['F32', shape, data.byteLength]);
  asked.length = 0;
  const rows = floatsOf(await tensor.readRows(3, 2));
  expect(asked).toEqual([[expect.any(Number), 2 * shape[1] * 4]]);
  expect([...rows]).toEqual([...data.subarray(3 * shape[1], 5 * shape[1])]);
  await expect(tensor.readRows(shape[0] - 1, 2)).rejects.toThrow(/expected rows within/);
});

test('several files with an index are one model', async () => {
  const { tensors } = await openSafetensorsFolder(folder(sharded));
  expect(tensors.tensors.size).toBe(weights.length);
  expect(tensors.tensors.get(weights[0].name)!.type).toBe('F32');
  expect(tensors.tensors.get(weights.at(-1)!.name)!.type).toBe('F16');
});

test('a blob reads as memory does', async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const blob = blobBytes('x', new Blob([bytes]));
  expect(await blob.read(10, 5)).toEqual(await memoryBytes('x', bytes).read(10, 5));
  await expect(blob.read(99, 2)).rejects.toThrow(/expected bytes within 0…100, got 99…101/);
});

test.each<[string, Record<string, Uint8Array | null>, RegExp]>([
  ['no configuration', { 'config.json': null }, /model folder: expected config\.json, got /],
  ['no weights', { 'model.safetensors': null }, /expected model\.safetensors/],
  ['a missing part', { ...sharded, 'model-2.safetensors': null }, /expected model-2\.safetensors/],
  [
    'a part elsewhere',
    { ...sharded, 'model.safetensors.index.json': fileBytes({ weight_map: { x: '../secret.safetensors' } }) },
    /expected names of safetensors files in the same folder/,
  ],
  [
    'an index that promises too much',
    {
      ...sharded,
      'model.safetensors.index.json': fileBytes({ weight_map: { ...weightMap, ghost: 'model-1.safetensors' } }),
    },
    /model-1\.safetensors: expected the tensor "ghost"/,
  ],
  ['an index without a map', { ...sharded, 'model.safetensors.index.json': fileBytes({}) }, /"weight_map", got none/],
])('%s is refused', async (_, change, message) => {
  const opened = openSafetensorsFolder(folder(change));
  await expect(opened).rejects.toThrow(message);
  await expect(opened).rejects.toBeInstanceOf(StudioError);
});
