// LoRA as llama.cpp loads it: one GGUF with `<base tensor>.lora_a` [r, in] and `.lora_b` [out, r] in float32. There is one alpha for all and
// the rank is lora_a's; scales that differ by module (patterns, rsLoRA) are multiplied into lora_b. Rows of lora_b stand in the order in
// which the base's GGUF has its rows: llama's q and k turned for neighbours, GPT-NeoX's q, k, v each together.
import { StudioError } from '../protocol/errors';
import { type Adapter, type AdapterConfig, restoreAdapter, scaleOf } from './adapter';
import { readGgufHeader } from './files/ggufHeader';
import { type GgufArchitecture, ggufName, huggingFaceName } from './files/ggufNames';
import { ggufTensors } from './files/openGguf';
import { readFloats } from './files/storedFloats';
import type { ByteSource } from './files/tensorSource';
import { type GgufEntry, type GgufTensor, writeGguf } from './files/writeGguf';
import type { LanguageModel } from './model';
import type { NamedArray } from './safetensors';

/** config.json's model_type → general.architecture */
const ARCHITECTURES: Record<string, GgufArchitecture> = {
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  gemma3_text: 'gemma3',
  gpt2: 'gpt2',
  gpt_neox: 'gptneox',
  phi3: 'phi3',
};

/** Whether llama.cpp knows models of this kind. */
export const hasGgufPlace = ({ config }: LanguageModel): boolean =>
  typeof config?.model_type === 'string' && Object.hasOwn(ARCHITECTURES, config.model_type);

function architectureOf(model: LanguageModel): GgufArchitecture {
  const type = model.config?.model_type;
  if (typeof type === 'string' && Object.hasOwn(ARCHITECTURES, type)) return ARCHITECTURES[type];
  throw new StudioError(
    'model',
    `GGUF adapter: expected a model that llama.cpp knows (${Object.keys(ARCHITECTURES).join(', ')}), got ${typeof type === 'string' ? type : model.id}. Take PEFT’s two files.`,
  );
}

/** For row i of Hugging Face's matrix: its row in the GGUF. */
function rowInFile(model: LanguageModel, architecture: GgufArchitecture, module: string): (row: number) => number {
  const { headDim, heads } = model.architecture.shape;
  if (architecture === 'llama' && /\.[qk]_proj$/.test(module)) {
    return (row) => {
      const [head, i] = [Math.floor(row / headDim) * headDim, row % headDim];
      return head + (i < headDim / 2 ? 2 * i : 2 * (i - headDim / 2) + 1);
    };
  }
  if (architecture === 'gptneox' && module.endsWith('.query_key_value')) {
    return (row) => {
      const [head, part, i] = [Math.floor(row / headDim / 3), Math.floor(row / headDim) % 3, row % headDim];
      return (part * heads + head) * headDim + i;
    };
  }
  return (row) => row;
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** @throws StudioError('model') for what the format has no place for */
export async function writeGgufAdapter(model: LanguageModel, adapter: Adapter): Promise<Uint8Array<ArrayBuffer>> {
  const architecture = architectureOf(model);
  if (adapter.config.method !== 'lora' || adapter.units.size > 0)
    throw new StudioError('model', 'GGUF adapter: expected low-rank matrices alone, got weights or units beside them.');
  const { alpha } = adapter.config;
  const tensors: GgufTensor[] = [];
  for (const [module, { a, b }] of adapter.lora) {
    const [rank] = a.shape;
    const rows = rowInFile(model, architecture, module);
    const factor = scaleOf(adapter.config, module) / (alpha / rank);
    const [down, up] = [Float32Array.from(await a.data()), await b.data()];
    const turned = new Float32Array(up.length);
    up.forEach((value, i) => {
      turned[rows(Math.floor(i / rank)) * rank + (i % rank)] = factor === 1 ? value : value * factor;
    });
    const name = ggufName(architecture, `${module}.weight`);
    if (name === null) throw new StudioError('model', `GGUF adapter: expected a name for "${module}", there is none.`);
    tensors.push({ name: `${name}.lora_a`, shape: a.shape, type: 'F32', raw: bytesOf(down) });
    tensors.push({ name: `${name}.lora_b`, shape: b.shape, type: 'F32', raw: bytesOf(turned) });
  }
  const metadata = new Map<string, GgufEntry>([
    ['general.architecture', { kind: 'text', value: architecture }],
    ['general.type', { kind: 'text', value: 'adapter' }],
    ['adapter.type', { kind: 'text', value: 'lora' }],
    ['general.name', { kind: 'text', value: model.id }],
    ['adapter.lora.alpha', { kind: 'f32', value: alpha }],
  ]);
  return writeGguf(metadata, tensors);
}

/** The adapter in such a file, on the current backend. @throws StudioError('model') */
export async function readGgufAdapter(model: LanguageModel, file: ByteSource): Promise<Adapter> {
  const architecture = architectureOf(model);
  const refuse = (sentence: string): never => {
    throw new StudioError('model', `${file.name}: ${sentence} Is the adapter of another model?`);
  };
  const { metadata, places } = await readGgufHeader(file);
  const [type, kind, of] = ['general.type', 'adapter.type', 'general.architecture'].map((key) => metadata.get(key));
  if (type !== 'adapter' || kind !== 'lora')
    refuse(`expected an adapter of type lora, got ${String(type)} ${String(kind)}.`);
  if (of !== architecture) refuse(`expected an adapter of architecture ${architecture}, got ${String(of)}.`);
  const alpha = metadata.get('adapter.lora.alpha');
  if (typeof alpha !== 'number' || !(alpha > 0))
    return refuse(`expected adapter.lora.alpha above 0, got ${String(alpha)}.`);
  const values: NamedArray[] = [];
  const rankPattern: Record<string, number> = {};
  for (const [name, stored] of ggufTensors(file, places)) {
    const [, base, part] =
      /^(.+)\.lora_([ab])$/.exec(name) ?? refuse(`expected lora_a and lora_b alone, got "${name}".`);
    const module = huggingFaceName(architecture, base)?.replace(/\.weight$/, '') ?? '';
    const weight =
      model.architecture.projections.includes(module) && model.architecture.tensors.get(`${module}.weight`);
    if (!weight) return refuse(`expected linear layers of ${model.id}, got "${name}".`);
    const { shape } = stored;
    const rank = part === 'a' ? shape[0] : shape[1];
    const wanted = part === 'a' ? [rank, weight[1]] : [weight[0], rank];
    if (shape.join() !== wanted.join()) refuse(`tensor "${name}": expected [${wanted}], got [${shape}].`);
    const data = await readFloats(stored);
    if (!data.every(Number.isFinite)) refuse(`tensor "${name}": expected finite numbers.`);
    const rows = rowInFile(model, architecture, module);
    const key = `base_model.model.${module}.lora_${part.toUpperCase()}.weight`;
    values.push({
      name: key,
      shape,
      data: part === 'a' ? data : data.map((_, i) => data[rows(Math.floor(i / rank)) * rank + (i % rank)]),
    });
    if (part === 'a') rankPattern[module] = rank;
  }
  const ranks = Object.values(rankPattern);
  if (ranks.length === 0 || values.length !== 2 * ranks.length) refuse('expected a lora_b for every lora_a.');
  const config: AdapterConfig = { method: 'lora', r: ranks[0], alpha, targets: Object.keys(rankPattern), rankPattern };
  return restoreAdapter(model, config, values);
}

/** What Ollama reads beside the adapter; `base` is the base model's GGUF or its name there. */
export function ollamaModelfile(base: string, adapterFile: string): string {
  return `# ollama create my-model -f Modelfile\nFROM ${base}\nADAPTER ./${adapterFile}\n`;
}
