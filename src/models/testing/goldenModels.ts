// The reference models (goldens/models of the originals' outputs): those of GOLDENS_DIR where that is set, else trimmed copies beside
// the tests. Trimmed: of large gradients and of weights after training only the first rows, of rsLoRA only what two models computed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Adapter } from '../adapter';
import { memoryBytes } from '../files/memoryBytes';
import { openSafetensorsFolder } from '../files/safetensorsFolder';
import type { ByteSource } from '../files/tensorSource';
import type { LanguageModel } from '../model';
import { openModel } from '../openModel';
import { importPeftAdapter } from '../peftImport';
import { type NamedArray, readSafetensors } from '../safetensors';

const fixtures = fileURLToPath(new URL('../fixtures/models/', import.meta.url));
const given = process.env.GOLDENS_DIR && join(process.env.GOLDENS_DIR, 'models');
const root = given && existsSync(given) ? given : fixtures;

export const isTrimmed = root === fixtures;
export const goldenNames = (): string[] =>
  readdirSync(root).filter((name) => existsSync(join(root, name, 'golden.json')));

export const hasGolden = (model: string, file: string): boolean =>
  existsSync(join(root, model, file)) || existsSync(join(root, model, `${file}.gz`));

function goldenBytes(model: string, file: string): Uint8Array<ArrayBuffer> {
  const path = join(root, model, file);
  return new Uint8Array(existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`)));
}

// The files hold tables of many forms; a test names the form it reads.
// biome-ignore lint/suspicious/noExplicitAny: as said above
export const goldenJson = (model: string, file = 'golden.json'): any =>
  JSON.parse(new TextDecoder().decode(goldenBytes(model, file)));

export const goldenArrays = (model: string, file = 'golden.safetensors'): Map<string, NamedArray> =>
  readSafetensors(withoutIntegers(goldenBytes(model, file)), file);

/** The reference file also holds ids as I64, which no model file does. */
function withoutIntegers(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const floats = Object.entries(header).filter(([, entry]) => (entry as { dtype?: string }).dtype !== 'I64');
  bytes.set(new TextEncoder().encode(JSON.stringify(Object.fromEntries(floats)).padEnd(length)), 8);
  return bytes;
}

/** Files of a model's folder; `config` and `weights` name other files than config.json and those of the folder itself. */
function goldenFolder(model: string, config = 'config.json', weights = ''): Map<string, ByteSource> {
  const files = new Map<string, ByteSource>();
  const at = join(root, model, weights);
  for (const entry of readdirSync(at)) {
    const name = entry.replace(/\.gz$/, '');
    if (/^model.*\.(safetensors|index\.json)$/.test(name))
      files.set(name, memoryBytes(name, goldenBytes(model, join(weights, name))));
  }
  files.set('config.json', memoryBytes('config.json', goldenBytes(model, config)));
  return files;
}

export const openGolden = async (model: string, config?: string): Promise<LanguageModel> =>
  openModel(await openSafetensorsFolder(goldenFolder(model, config)), { id: model });

export const goldenAdapter = (model: LanguageModel, name: string): Adapter =>
  importPeftAdapter(
    model,
    goldenJson(model.id, `${name}/adapter_config.json`),
    goldenArrays(model.id, `${name}/adapter_model.safetensors`),
  );
