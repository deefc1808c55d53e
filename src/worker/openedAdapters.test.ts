// Adapters opened from files: what this page exports comes back, alone, zipped and as a GGUF; several stay open side by side; what is no
// adapter of the model is refused by name.
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import '../ops/registerCpu';
import { type Adapter, createAdapter, disposeAdapter, peftConfig, readAdapter } from '../models/adapter';
import { writeGgufAdapter } from '../models/ggufAdapter';
import type { LanguageModel } from '../models/model';
import { writeSafetensors } from '../models/safetensors';
import { smallDial } from '../models/testing/smallDial';
import { OpenedAdapters, readAdapterFiles } from './openedAdapters';

let model: LanguageModel;
let adapter: Adapter;
const home: Record<string, Uint8Array<ArrayBuffer>> = {};
const local = (files: Record<string, Uint8Array>) =>
  Object.entries(files).map(([path, bytes]) => ({ path, file: new Blob([Uint8Array.from(bytes)]) }));

beforeAll(async () => {
  await setBackend('cpu');
  model = { ...smallDial(1), config: { model_type: 'llama' } };
  adapter = createAdapter(model, { method: 'lora', r: 3, alpha: 6, targets: ['q_proj'] }, 7);
  home['adapter_config.json'] = new TextEncoder().encode(JSON.stringify(peftConfig(model, adapter)));
  home['adapter_model.safetensors'] = writeSafetensors(await readAdapter(adapter), 'F32');
});
afterAll(() => {
  disposeAdapter(adapter);
  model.dispose();
});

test('a folder, a zip and a GGUF are the same adapter', async () => {
  const want = await readAdapter(adapter);
  const folder = Object.fromEntries(Object.entries(home).map(([name, bytes]) => [`mine/${name}`, bytes]));
  for (const files of [
    folder,
    { 'mine.zip': zipSync({ ...folder, 'mine/README.md': new Uint8Array(9) }) },
    { 'adapter.gguf': await writeGgufAdapter(model, adapter) },
  ]) {
    const before = memory().numTensors;
    const back = await readAdapterFiles(model, local(files));
    expect(await readAdapter(back)).toEqual(want);
    disposeAdapter(back);
    expect(memory().numTensors).toBe(before);
  }
});

test('several are open side by side, each under its name, and go together', async () => {
  const opened = new OpenedAdapters();
  const before = memory().numTensors;
  expect(await opened.open(model, 'mine', local(home))).toEqual({
    id: 'adapter:mine',
    name: 'mine',
    modules: 1,
    rank: 3,
  });
  await opened.open(model, 'other', local(home));
  await opened.open(model, 'mine', local(home));
  expect(memory().numTensors).toBe(before + 4);
  expect(opened.get('adapter:mine')).not.toBe(opened.get('adapter:other'));
  expect(() => opened.get('adapter:third')).toThrow(/expected "third" to be open/);
  opened.drop();
  expect(memory().numTensors).toBe(before);
  expect(() => opened.get('adapter:mine')).toThrow(/Open its files again/);
});

test.each<[string, () => Record<string, Uint8Array>, RegExp]>([
  [
    'one file of two',
    () => ({ 'adapter_config.json': home['adapter_config.json'] }),
    /adapter_model\.safetensors together/,
  ],
  ['no zip', () => ({ 'a.zip': new Uint8Array(50) }), /a\.zip: expected a zip/],
  ['a zip of something else', () => ({ 'a.zip': zipSync({ 'x.txt': new Uint8Array(3) }) }), /together/],
  [
    'a zip that swells',
    () => ({ 'a.zip': zipSync({ 'adapter_model.safetensors': new Uint8Array(80 * 2 ** 20) }) }),
    /at most 32 times its own length/,
  ],
  [
    'a configuration that is none',
    () => ({ ...home, 'adapter_config.json': new Uint8Array(4) }),
    /adapter_config\.json/,
  ],
  ['no GGUF', () => ({ 'a.gguf': new Uint8Array(40) }), /a\.gguf/],
])('%s is refused', async (_, files, message) => {
  const before = memory().numTensors;
  await expect(readAdapterFiles(model, local(files()))).rejects.toThrow(message);
  expect(memory().numTensors).toBe(before);
});
