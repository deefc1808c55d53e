// The bundled model's architecture with one layer and random weights, for tests: fast, and as the files of a folder.
import {
  DIAL_CHAT_TEMPLATE,
  DIAL_CONFIG,
  DIAL_TOKENIZER_CONFIG,
  dialInitialWeights,
  dialTokenizerJson,
} from '../dialLlama';
import { loadModel, type ModelFiles } from '../loadModel';
import type { LanguageModel } from '../model';
import { type NamedArray, writeSafetensors } from '../safetensors';

export const SMALL_DIAL_CONFIG = { ...DIAL_CONFIG, num_hidden_layers: 1 };

export const fileBytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

export function smallDialWeights(seed: number): NamedArray[] {
  return [...dialInitialWeights(seed).values()].filter(({ name }) => !/layers\.[123]\./.test(name));
}

/** config.json and the files beside it. */
export function smallDialFiles(seed = 1): ModelFiles {
  return new Map([
    ['config.json', fileBytes(SMALL_DIAL_CONFIG)],
    ['model.safetensors', writeSafetensors(smallDialWeights(seed), 'F32')],
    ['tokenizer.json', fileBytes(dialTokenizerJson())],
    ['tokenizer_config.json', fileBytes(DIAL_TOKENIZER_CONFIG)],
    ['chat_template.jinja', fileBytes(DIAL_CHAT_TEMPLATE)],
  ]);
}

export function smallDial(seed = 1, id = 'small'): LanguageModel {
  return loadModel(id, smallDialFiles(seed));
}
