// A GGUF file as a ModelDescription: names, rows and configuration as Hugging Face has them. Only the header is read on opening.
import { rowBytes } from '../../lib/blocks/blockTypes';
import { configOfGguf } from './ggufConfig';
import { type GgufPlace, readGgufHeader } from './ggufHeader';
import { type GgufArchitecture, ggufArchitectures, huggingFaceName, isGgufArchitecture } from './ggufNames';
import { regroupHeads, transposed, unpermuteHeads, withoutOne } from './ggufRows';
import type { ModelDescription } from './modelDescription';
import { refuse } from './refuse';
import { readFloats } from './storedFloats';
import { storedTensor } from './storedTensor';
import type { ByteSource, StoredTensor } from './tensorSource';

/** Divisors of rotary frequencies become part of the configuration. */
const FACTORS = ['rope_freqs.weight', 'rope_factors_long.weight', 'rope_factors_short.weight'];

/** The tensors of a GGUF by their names in the file, as they lie there. */
export function ggufTensors(file: ByteSource, places: GgufPlace[]): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape, type, bytes, from } of places) {
    if (tensors.has(name)) refuse(file.name, `expected each tensor once, got "${name.slice(0, 80)}" twice.`);
    const width = rowBytes(type, shape[shape.length - 1]);
    const read = (first: number, count: number) => file.read(from + first * width, count * width);
    tensors.set(name, storedTensor({ name, shape, type, bytes }, read));
  }
  return tensors;
}

/** The same tensor in HF's order. @param name of HF */
function asHuggingFace(
  tensor: StoredTensor,
  architecture: GgufArchitecture,
  config: Record<string, unknown>,
): StoredTensor {
  const { name, shape } = tensor;
  if (architecture === 'llama' && /\.(q|k)_proj\./.test(name)) return unpermuteHeads(tensor, Number(config.head_dim));
  if (architecture === 'gptneox' && name.includes('.query_key_value.')) {
    return regroupHeads(tensor, Number(config.num_attention_heads));
  }
  if (architecture === 'gemma3' && name.endsWith('norm.weight')) return withoutOne(tensor);
  if (architecture === 'gpt2' && shape.length === 2 && /\.(c_attn|c_proj|c_fc)\.weight$/.test(name))
    return transposed(tensor);
  return tensor;
}

async function factorsOf(stored: Map<string, StoredTensor>, where: string): Promise<Map<string, number[]>> {
  const factors = new Map<string, number[]>();
  for (const name of FACTORS) {
    const tensor = stored.get(name);
    if (!tensor) continue;
    // One per pair of a head's dimensions; heads are a few hundred wide.
    if (tensor.shape.length > 1 || tensor.shape[0] > 4096)
      refuse(where, `expected ${name} to be a short list, got [${tensor.shape}].`);
    factors.set(name, Array.from(await readFloats(tensor)));
  }
  return factors;
}

/** @throws StudioError('model') naming the file, the key or the tensor */
export async function openGguf(file: ByteSource): Promise<ModelDescription> {
  const { metadata, places } = await readGgufHeader(file);
  const architecture = metadata.get('general.architecture');
  if (!isGgufArchitecture(architecture)) {
    const known = ggufArchitectures.join(', ');
    return refuse(
      file.name,
      `expected general.architecture to be one of ${known}, got ${JSON.stringify(architecture)?.slice(0, 80)}.`,
      'This kind of model is not read.',
    );
  }
  if (metadata.get('general.type') === 'adapter') {
    refuse(file.name, 'expected a model, got an adapter.', 'Load its base model first, then this file as an adapter.');
  }
  const parts = metadata.get('split.count');
  if (typeof parts === 'number' && parts > 1) {
    refuse(
      file.name,
      `expected a whole model, got one of ${parts} parts.`,
      'Choose a file that is not split, or join the parts with llama-gguf-split.',
    );
  }
  const stored = ggufTensors(file, places);
  const embedding = stored.get('token_embd.weight');
  if (embedding?.shape.length !== 2) return refuse(file.name, 'expected a matrix token_embd.weight, got none.');
  const facts = {
    vocabulary: embedding.shape[0],
    has: (name: string) => stored.has(name),
    factors: await factorsOf(stored, file.name),
  };
  const config = configOfGguf(metadata, architecture, facts, file.name);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of stored) {
    if (FACTORS.includes(name)) continue;
    const known = huggingFaceName(architecture, name);
    if (!known)
      return refuse(
        file.name,
        `expected only tensors of the architecture "${architecture}", got "${name.slice(0, 80)}".`,
        'This kind of model is not read.',
      );
    tensors.set(known, asHuggingFace({ ...tensor, name: known }, architecture, config));
  }
  const template = metadata.get('tokenizer.chat_template');
  return {
    config,
    tensors: { label: file.name, tensors, close: async () => file.close?.() },
    tokenizer: { kind: 'gguf', metadata },
    chatTemplate: typeof template === 'string' ? template : null,
  };
}
