// The tokenizer and the way of writing conversations that belong to a model. Files may have neither: such a model reads and writes ids.
import { StudioError } from '../protocol/errors';
import { type Chat, createChat } from '../tokenizers/chat';
import { readGgufTokenizer } from '../tokenizers/ggufTokenizer';
import { readTokenizer, type TextTokenizer } from '../tokenizers/tokenizer';
import type { ModelDescription, TokenizerFiles } from './files/modelDescription';

interface ModelText {
  tokenizer: TextTokenizer;
  chat: Chat;
}

/** No token has this id: an answer without an end token runs to its length. */
const NO_END = -1;

export function readText({ tokenizer: files, chatTemplate }: ModelDescription, vocabulary: number): ModelText {
  if (!files) return { tokenizer: noTokenizer(vocabulary), chat: noChat('no tokenizer') };
  const tokenizer = files.kind === 'json' ? readTokenizer(files.json) : readGgufTokenizer(files.metadata);
  if (tokenizer.size > vocabulary) {
    throw new StudioError(
      'model',
      `tokenizer: expected at most ${vocabulary} tokens (vocab_size), got ${tokenizer.size}. The two files do not belong together.`,
    );
  }
  if (chatTemplate === null) return { tokenizer, chat: noChat('no chat template') };
  return { tokenizer, chat: createChat(tokenizer, chatTemplate, endToken(files, tokenizer)) };
}

/** Text of the token that ends an answer. */
function endToken(files: TokenizerFiles, tokenizer: TextTokenizer): string {
  if (files.kind === 'gguf') return tokenizer.tokenText(Number(files.metadata.get('tokenizer.ggml.eos_token_id')));
  const end = files.config.eos_token as string | { content: string } | undefined;
  return typeof end === 'string' ? end : (end?.content ?? '');
}

const absent = (sentence: string) => (): never => {
  throw new StudioError('model', sentence);
};

function noTokenizer(size: number): TextTokenizer {
  const refuse = absent('model: expected tokenizer.json among its files, got none. Add it, or give token ids.');
  return {
    ...{ size, encode: refuse, encodeSpans: refuse, encodeDocument: refuse, decode: refuse, decodeAll: refuse },
    tokenText: (id) => `<${id}>`,
    idOf: () => undefined,
    isSpecial: () => false,
  };
}

function noChat(reason: string): Chat {
  const refuse = absent(`model: expected a chat template, the files hold ${reason}. Add it, or give plain text.`);
  return { endId: NO_END, render: refuse, prompt: refuse, followUp: refuse, conversation: refuse };
}
