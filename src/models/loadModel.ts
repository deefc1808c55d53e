// From files to a model on the current backend: config.json, model.safetensors, tokenizer.json, tokenizer_config.json
// (+ chat_template.jinja). Everything is checked before a tensor is made; every refusal says where and what was expected.
import { dispose, keep, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { StudioError } from '../protocol/errors';
import { createChat } from '../tokenizers/chat';
import { readTokenizer } from '../tokenizers/tokenizer';
import { architectureOf } from './architectures';
import type { Architecture, LanguageModel } from './model';
import { placeRotary } from './openModel';
import { type NamedArray, readSafetensors } from './safetensors';

/** The files of a model folder by name. */
export type ModelFiles = Map<string, Uint8Array>;

const FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

function readJson(files: ModelFiles, name: string): Record<string, unknown> {
  try {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(files.get(name)));
    if (json && typeof json === 'object' && !Array.isArray(json)) return json;
  } catch {
    // told below
  }
  throw new StudioError(
    'model',
    `${name}: expected a JSON object, got something else. Take the file from the model’s folder again.`,
  );
}

/** Compares what the file holds with what the configuration needs. */
function checkTensors(architecture: Architecture, arrays: Map<string, NamedArray>): void {
  for (const [name, shape] of architecture.tensors) {
    const array = arrays.get(name);
    if (!array)
      throw new StudioError(
        'model',
        `model.safetensors: expected a tensor "${name}" [${shape}], the file has none. Does config.json belong to it?`,
      );
    if (array.shape.join() !== shape.join()) {
      throw new StudioError(
        'model',
        `model.safetensors, tensor "${name}": expected [${shape}] as config.json says, got [${array.shape}]. The two files do not belong together.`,
      );
    }
    const at = array.data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      throw new StudioError(
        'model',
        `model.safetensors, tensor "${name}": expected finite numbers, got ${array.data[at]} at position ${at}. The weights are damaged; fetch them again.`,
      );
    }
  }
}

/** Makes a model of the files. @param id shown to people, e.g. "dial-0.8m". @throws StudioError('model') */
export function loadModel(id: string, files: ModelFiles): LanguageModel {
  const missing = FILES.filter((name) => !files.has(name));
  if (missing.length > 0) {
    throw new StudioError(
      'model',
      `model files: expected ${FILES.join(', ')}, got no ${missing.join(', ')}. Add the missing files.`,
    );
  }
  const architecture = architectureOf(readJson(files, 'config.json'));
  const arrays = readSafetensors(files.get('model.safetensors')!, 'model.safetensors');
  checkTensors(architecture, arrays);
  const tokenizerConfig = readJson(files, 'tokenizer_config.json');
  const tokenizer = readTokenizer(readJson(files, 'tokenizer.json'));
  if (tokenizer.size > architecture.shape.vocabulary) {
    throw new StudioError(
      'model',
      `tokenizer.json: expected at most ${architecture.shape.vocabulary} tokens (vocab_size), got ${tokenizer.size}. The two files do not belong together.`,
    );
  }
  const jinja = files.get('chat_template.jinja');
  const template = jinja ? new TextDecoder().decode(jinja) : tokenizerConfig.chat_template;
  if (typeof template !== 'string') {
    throw new StudioError(
      'model',
      'chat template: expected chat_template.jinja or tokenizer_config.json’s chat_template, got neither.',
    );
  }
  const end = tokenizerConfig.eos_token as string | { content: string } | undefined;
  const chat = createChat(tokenizer, template, typeof end === 'string' ? end : (end?.content ?? ''));
  return placeModel(id, architecture, arrays, { tokenizer, chat });
}

/** Puts checked arrays on the current backend. */
export function placeModel(
  id: string,
  architecture: Architecture,
  arrays: Map<string, NamedArray>,
  text: Pick<LanguageModel, 'tokenizer' | 'chat'>,
): LanguageModel {
  const weights = new Map<string, Tensor>();
  let parameters = 0;
  for (const name of architecture.tensors.keys()) {
    const { data, shape } = arrays.get(name)!;
    parameters += data.length;
    weights.set(name, keep(tensor(data, shape, 'float32')));
  }
  const rotary = placeRotary(architecture);
  return {
    id,
    architecture,
    weights,
    rotary,
    ...text,
    parameters,
    bytes: parameters * 4,
    dispose() {
      for (const weight of weights.values()) weight.dispose();
      for (const table of rotary) dispose([table.cos, table.sin]);
    },
  };
}
