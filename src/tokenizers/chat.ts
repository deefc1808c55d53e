// A model's way of writing conversations: its Jinja chat template, and which tokens the assistant wrote.
import { Template } from '@huggingface/jinja';
import type { TextTokenizer } from './tokenizer';

interface ChatMessage {
  role: string;
  content: string;
}

export interface EncodedConversation {
  ids: Int32Array;
  /** 1 where the token belongs to a counted assistant message (its end token included) */
  mask: Uint8Array;
}

export interface Chat {
  /** The id that ends an assistant message. */
  readonly endId: number;
  render(messages: ChatMessage[], addGenerationPrompt: boolean): string;
  /** Ids of the conversation so far, ready for the assistant to write. */
  prompt(messages: ChatMessage[]): Int32Array;
  /** What follows an assistant message when the user then says `text`: end token first, ready for the assistant to write again. */
  followUp(text: string): Int32Array;
  /** A whole conversation with the mask of assistant messages (only those in `counted`, if given). */
  conversation(messages: ChatMessage[], counted?: readonly number[]): EncodedConversation;
}

/** @param endToken text of the token that closes an assistant message, e.g. tokenizer_config.json's eos_token */
export function createChat(tokenizer: TextTokenizer, template: string, endToken: string): Chat {
  const compiled = new Template(template);
  const endId = tokenizer.idOf(endToken);
  if (endId === undefined)
    throw new RangeError(`tokenizer_config.json: expected eos_token in the vocabulary, got "${endToken}".`);
  const render = (messages: ChatMessage[], addGenerationPrompt: boolean) =>
    compiled.render({ messages, add_generation_prompt: addGenerationPrompt, eos_token: endToken });
  const prompt = (messages: ChatMessage[]) => tokenizer.encode(render(messages, true));
  const followUps = new Map<string, Int32Array>();

  return {
    endId,
    render,
    prompt,
    followUp(text) {
      const known = followUps.get(text);
      if (known) return known;
      const user = { role: 'user', content: 'Q' };
      const answer = { role: 'assistant', content: 'A' };
      const before = render([user], true);
      const full = render([user, answer, { role: 'user', content: text }], true);
      const at = full.indexOf('A', before.length);
      if (!full.startsWith(before) || at < 0) {
        throw new RangeError(
          'chat template: expected a template that keeps earlier messages as they were, got one that rewrites them.',
        );
      }
      const ids = tokenizer.encode(full.slice(at + 1));
      if (ids[0] !== endId) {
        throw new RangeError(
          `chat template: expected "${endToken}" right after the assistant’s text, got "${tokenizer.tokenText(ids[0])}".`,
        );
      }
      followUps.set(text, ids);
      return ids;
    },
    conversation(messages, counted) {
      const ids = tokenizer.encode(render(messages, false));
      const mask = new Uint8Array(ids.length);
      messages.forEach((message, i) => {
        if (message.role !== 'assistant' || (counted && !counted.includes(i))) return;
        const from = prompt(messages.slice(0, i)).length;
        const through = tokenizer.encode(render(messages.slice(0, i + 1), false)).length;
        // The mask ends with the end token: templates may write a line break behind it.
        let to = through;
        while (to > from && ids[to - 1] !== endId) to--;
        mask.fill(1, from, to > from ? to : through);
      });
      return { ids, mask };
    },
  };
}
