// A model folder in Hugging Face's form (config.json, tokenizer files, one or several safetensors files) as a ModelDescription.
// Only headers are read on opening; tensors are read by rows when somebody asks.
import type { ModelDescription, TokenizerFiles } from './modelDescription';
import { parseJsonObject, refuse } from './refuse';
import { FLOAT_BYTES, readHeaderLength, readPlaces, type TensorPlace } from './safetensorsHeader';
import { storedTensor } from './storedTensor';
import type { ByteSource, StoredTensor, TensorSource } from './tensorSource';

const INDEX = 'model.safetensors.index.json';
/** JSON files of a folder are held in memory as a whole; tokenizers are the longest of them. */
const MAX_JSON_BYTES = 128 * 1024 * 1024;

type Folder = Map<string, ByteSource>;

async function readWhole(files: Folder, name: string): Promise<Uint8Array | null> {
  const file = files.get(name);
  if (!file) return null;
  if (file.size > MAX_JSON_BYTES) {
    refuse(
      name,
      `expected at most ${MAX_JSON_BYTES} bytes, got ${file.size}.`,
      'Take the file from the model’s folder again.',
    );
  }
  return file.read(0, file.size);
}

async function readJson(files: Folder, name: string): Promise<Record<string, unknown> | null> {
  const bytes = await readWhole(files, name);
  return bytes && parseJsonObject(bytes, name);
}

function missing(name: string, files: Folder): never {
  const there = [...files.keys()].sort().slice(0, 12).join(', ') || 'no file at all';
  return refuse('model folder', `expected ${name}, got ${there}.`, 'Add the missing file.');
}

/** Header of one file. */
async function openSafetensorsFile(file: ByteSource): Promise<StoredTensor[]> {
  const length = readHeaderLength(await file.read(0, Math.min(8, file.size)), file.size, file.name);
  const places = readPlaces(await file.read(8, length), file.size, file.name);
  return places.map((place) => tensorAt(file, place));
}

function tensorAt(file: ByteSource, { name, shape, type, from, bytes }: TensorPlace): StoredTensor {
  const rowBytes = (shape.at(-1) ?? 1) * FLOAT_BYTES[type];
  return storedTensor({ name, shape, type, bytes }, (first, count) =>
    file.read(from + first * rowBytes, count * rowBytes),
  );
}

/** Names of the weight files: those of the index, or the only one. */
async function weightFiles(files: Folder): Promise<{ names: string[]; index: Record<string, unknown> | null }> {
  const json = await readJson(files, INDEX);
  if (!json) {
    if (files.has('model.safetensors')) return { names: ['model.safetensors'], index: null };
    const only = [...files.keys()].filter((name) => name.endsWith('.safetensors'));
    return only.length === 1 ? { names: only, index: null } : missing('model.safetensors', files);
  }
  const index = json.weight_map;
  if (!index || typeof index !== 'object' || Array.isArray(index)) {
    return refuse(INDEX, 'expected an object "weight_map", got none.');
  }
  const map = Object.fromEntries(Object.entries(index));
  const names = [...new Set(Object.values(map))].map((name) => {
    if (typeof name === 'string' && /^[\w.-]+\.safetensors$/.test(name)) return name;
    return refuse(
      INDEX,
      `expected names of safetensors files in the same folder, got ${JSON.stringify(name)?.slice(0, 80)}.`,
    );
  });
  return { names, index: map };
}

async function openTensors(files: Folder): Promise<TensorSource> {
  const { names, index } = await weightFiles(files);
  const tensors = new Map<string, StoredTensor>();
  for (const name of names) {
    const file = files.get(name) ?? missing(name, files);
    for (const tensor of await openSafetensorsFile(file)) {
      if (index && index[tensor.name] !== name) continue; // a tensor the index does not place here
      if (tensors.has(tensor.name)) refuse(name, `expected each tensor once, got "${tensor.name}" a second time.`);
      tensors.set(tensor.name, tensor);
    }
  }
  for (const [tensor, name] of Object.entries(index ?? {})) {
    if (!tensors.has(tensor))
      refuse(String(name), `expected the tensor "${tensor}" as ${INDEX} says, the file has none.`);
  }
  return {
    label: names.length === 1 ? names[0] : `${names[0]} … ${names.at(-1)}`,
    tensors,
    async close() {
      for (const file of files.values()) await file.close?.();
    },
  };
}

/** chat_template.jinja goes before tokenizer_config.json; of several templates there, the one named "default". */
async function readTemplate(files: Folder, config: Record<string, unknown>): Promise<string | null> {
  const jinja = await readWhole(files, 'chat_template.jinja');
  if (jinja) return new TextDecoder().decode(jinja);
  const { chat_template: template } = config;
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return null;
  const named: unknown = template.find((entry: unknown) => Object(entry).name === 'default')?.template;
  return typeof named === 'string' ? named : null;
}

/** What a folder says of its weights; tokenizer and template are left alone. */
export async function openSafetensorsWeights(files: Folder): Promise<Pick<ModelDescription, 'config' | 'tensors'>> {
  const config = (await readJson(files, 'config.json')) ?? missing('config.json', files);
  return { config, tensors: await openTensors(files) };
}

/** @param files by name: config.json, *.safetensors (with its index where there are several), tokenizer.json, … */
export async function openSafetensorsFolder(files: Folder): Promise<ModelDescription> {
  const weights = await openSafetensorsWeights(files);
  const json = await readJson(files, 'tokenizer.json');
  const config = (await readJson(files, 'tokenizer_config.json')) ?? {};
  // Without a tokenizer a model still reads and writes ids.
  const tokenizer: TokenizerFiles | null = json && { kind: 'json', json, config };
  return { ...weights, tokenizer, chatTemplate: await readTemplate(files, config) };
}
