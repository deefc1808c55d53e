// Which architecture a config.json describes. An unknown one is refused by name, never guessed.
import { StudioError } from '../protocol/errors';
import type { Config } from './configReader';
import { gemma3 } from './gemma3';
import { gpt2 } from './gpt2';
import { gptNeox } from './gptNeox';
import { llama, readLlamaConfig } from './llama';
import { mistral } from './mistral';
import type { Architecture } from './model';
import { phi3 } from './phi3';
import { qwen2 } from './qwen2';
import { qwen3 } from './qwen3';

const ARCHITECTURES: Record<string, (json: Config) => Architecture> = {
  llama: (json) => llama(readLlamaConfig(json)),
  mistral,
  qwen2,
  qwen3,
  gemma3_text: gemma3,
  gpt2,
  gpt_neox: gptNeox,
  phi3,
};

/** @throws StudioError('model') naming the field that is not implemented */
export function architectureOf(config: Config): Architecture {
  const type = config.model_type;
  if (typeof type !== 'string' || !Object.hasOwn(ARCHITECTURES, type)) {
    throw new StudioError(
      'model',
      `config.json: expected model_type to be one of ${Object.keys(ARCHITECTURES).join(', ')}, got ${JSON.stringify(type)?.slice(0, 80)}. Choose another model.`,
    );
  }
  if (config.quantization_config != null) {
    throw new StudioError(
      'model',
      'config.json: expected weights in F32, F16 or BF16, got quantization_config, which is not implemented. Take the unquantised model or a GGUF file.',
    );
  }
  return ARCHITECTURES[type](config);
}
