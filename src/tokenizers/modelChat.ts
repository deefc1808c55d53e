// From a model's files to its tokenizer and its chat: special tokens by name, the template from wherever it lies.
import { StudioError } from '../protocol/errors';
import { type Chat, createChat } from './chat';
import { type GgufMetadata, readGgufTokenizer } from './ggufTokenizer';
import { isObject } from './subword/readFields';
import { readTokenizer, type TextTokenizer } from './tokenizer';

/** tokenizer.json with tokenizer_config.json, or a GGUF's metadata. */
export type TokenizerFiles =
  | { kind: 'json'; json: Record<string, unknown>; config: Record<string, unknown> }
  | { kind: 'gguf'; metadata: GgufMetadata };

/** For models that were never taught a conversation. A line break never joins with a word, so prompt and answer meet between tokens. */
const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message['role'] | capitalize }}:\n" +
  "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}{{ eos_token }}{% endgeneration %}" +
  "{% else %}{{ message['content'] }}{% endif %}{{ '\n\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'Assistant:\n' }}{% endif %}";

const SPECIAL = ['bos', 'eos', 'unk', 'pad'] as const;
const GGUF_KEYS = { bos: 'bos_token_id', eos: 'eos_token_id', unk: 'unknown_token_id', pad: 'padding_token_id' };

/** @throws StudioError('model'), naming what is not implemented */
export function openTokenizer(files: TokenizerFiles): TextTokenizer {
  return files.kind === 'json' ? readTokenizer(files.json) : readGgufTokenizer(files.metadata);
}

/** bos_token, eos_token … as templates know them; absent where the model has none. */
function specialTokens(tokenizer: TextTokenizer, files: TokenizerFiles): Record<string, string> {
  return Object.fromEntries(
    SPECIAL.flatMap((name) => {
      if (files.kind === 'gguf') {
        const id = files.metadata.get(`tokenizer.ggml.${GGUF_KEYS[name]}`);
        return typeof id === 'number' ? [[`${name}_token`, tokenizer.tokenText(id)]] : [];
      }
      const token = files.config[`${name}_token`];
      const text = isObject(token) ? token.content : token;
      return typeof text === 'string' ? [[`${name}_token`, text]] : [];
    }),
  );
}

/** tokenizer_config.json's chat_template: one, or several with names. */
function templateOf(config: Record<string, unknown>): string | null {
  const template = config.chat_template;
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return null;
  const named = template.filter(isObject);
  const chosen = named.find(({ name }) => name === 'default') ?? named[0];
  return typeof chosen?.template === 'string' ? chosen.template : null;
}

/** @param chatTemplate chat_template.jinja or the GGUF's; null: tokenizer_config.json's, else a plain one
 *  @throws StudioError('model') without a token that ends a text, and for templates that cannot be used */
export function openChat(tokenizer: TextTokenizer, files: TokenizerFiles, chatTemplate: string | null): Chat {
  const special = specialTokens(tokenizer, files);
  if (special.eos_token === undefined) {
    throw new StudioError(
      'model',
      'tokenizer: expected an eos_token, the files name none. Add tokenizer_config.json from the model’s folder.',
    );
  }
  const template = chatTemplate ?? (files.kind === 'json' ? templateOf(files.config) : null) ?? PLAIN_TEMPLATE;
  return createChat(tokenizer, template, special.eos_token, special);
}
