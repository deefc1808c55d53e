// A model's way of writing conversations: its Jinja chat template, and which tokens the assistant wrote.
import { StudioError } from '../protocol/errors';
import { compileChatTemplate } from './chatTemplate';
import type { EncodedText, TextTokenizer } from './tokenizer';

export interface ChatMessage {
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

type Span = readonly [start: number, end: number];

/** Stands for any answer when the template is tried out: no template writes it. */
const PROBE = '§answer§';

const refuseTemplate = (expected: string, got: string): never => {
  throw new StudioError('model', `chat template: expected ${expected}, got ${got}. Choose another template.`);
};

/** What the template writes behind an assistant's text, and behind that with `next` as the user's reply. */
function textBehindAnswer(render: Chat['render'], next: string | null): string {
  const user = { role: 'user', content: 'Q' };
  const before = render([user], true);
  const answered = [user, { role: 'assistant', content: PROBE }];
  const full = next === null ? render(answered, false) : render([...answered, { role: 'user', content: next }], true);
  const at = full.indexOf(PROBE, before.length);
  if (!full.startsWith(before) || at < 0) {
    refuseTemplate('one that keeps earlier messages as they were', 'one that rewrites them');
  }
  return full.slice(at + PROBE.length);
}

/** Which message's text the spans of the template are, by the order of the assistant's messages. */
function pickSpans(spans: readonly Span[], messages: ChatMessage[], counted: readonly number[] | undefined): Span[] {
  if (!counted) return [...spans];
  const assistants = messages.flatMap(({ role }, i) => (role === 'assistant' ? [i] : []));
  if (assistants.length !== spans.length) {
    refuseTemplate(`a generation block for each of ${assistants.length} assistant messages`, `${spans.length}`);
  }
  return spans.filter((_, i) => counted.includes(assistants[i]));
}

/** 1 for every token that touches a span; a token that stands for no character belongs where it stands. */
function markTokens({ starts, ends }: EncodedText, spans: readonly Span[]): Uint8Array {
  const mask = new Uint8Array(starts.length);
  for (const [from, to] of spans) {
    for (let i = 0; i < starts.length; i++) {
      if (starts[i] < to && (ends[i] > from || (starts[i] === ends[i] && starts[i] >= from))) mask[i] = 1;
    }
  }
  return mask;
}

/** @param endToken text of the token that closes a document, e.g. tokenizer_config.json's eos_token; where the template closes the
 *  assistant's messages with another special token (Gemma), that one ends them
 *  @param variables what else the template asks for: bos_token, tools, …
 *  @throws StudioError('model') for a template that is no Jinja, runs on and on, or rewrites what was said */
export function createChat(
  tokenizer: TextTokenizer,
  template: string,
  endToken: string,
  variables: Readonly<Record<string, unknown>> = {},
): Chat {
  const compiled = compileChatTemplate(template);
  const eosId = tokenizer.idOf(endToken);
  if (eosId === undefined)
    throw new StudioError(
      'model',
      `tokenizer_config.json: expected eos_token in the vocabulary, got "${endToken}". Take the file from the model’s folder.`,
    );
  const write = (messages: ChatMessage[], addGenerationPrompt: boolean) =>
    compiled.render({ ...variables, messages, add_generation_prompt: addGenerationPrompt, eos_token: endToken });
  const render = (messages: ChatMessage[], addGenerationPrompt: boolean) => write(messages, addGenerationPrompt).text;
  const followUps = new Map<string, Int32Array>();
  const endId = findEnd();

  function findEnd(): number {
    try {
      const first = tokenizer.encode(textBehindAnswer(render, null)).at(0);
      return first !== undefined && tokenizer.isSpecial(first) ? first : (eosId as number);
    } catch (error) {
      // Said again where it matters: by the first prompt or follow-up.
      if (error instanceof StudioError && error.kind === 'input') return eosId as number;
      if (error instanceof StudioError && error.message.includes('rewrites')) return eosId as number;
      throw error;
    }
  }

  /** Where the assistant's messages lie in the text, by rendering the conversation up to each of them. */
  function spansByPrefix(messages: ChatMessage[], whole: string, counted: readonly number[] | undefined): Span[] {
    return messages.flatMap((message, i): Span[] => {
      if (message.role !== 'assistant' || (counted && !counted.includes(i))) return [];
      const before = render(messages.slice(0, i), true);
      const through = render(messages.slice(0, i + 1), false);
      if (!through.startsWith(before) || !whole.startsWith(through)) {
        refuseTemplate(
          'one whose text up to a message stays when more is said (prefix-preserving), or one with generation blocks',
          `other text at message ${i + 1}`,
        );
      }
      return [[before.length, through.length]];
    });
  }

  return {
    endId,
    render,
    prompt: (messages) => tokenizer.encode(render(messages, true)),
    followUp(text) {
      const known = followUps.get(text);
      if (known) return known;
      const ids = tokenizer.encode(textBehindAnswer(render, text));
      if (ids[0] !== endId) {
        refuseTemplate(
          `"${tokenizer.tokenText(endId)}" right behind the assistant’s text`,
          `"${tokenizer.tokenText(ids[0])}"`,
        );
      }
      followUps.set(text, ids);
      return ids;
    },
    conversation(messages, counted) {
      const { text, spans } = write(messages, false);
      const encoded = tokenizer.encodeSpans(text);
      if (compiled.marksAssistant)
        return { ids: encoded.ids, mask: markTokens(encoded, pickSpans(spans, messages, counted)) };
      const mask = new Uint8Array(encoded.ids.length);
      for (const span of spansByPrefix(messages, text, counted)) {
        const marked = markTokens(encoded, [span]);
        // The mask ends with the end token: templates may write a line break behind it.
        const last = encoded.ids.findLastIndex((id, i) => marked[i] === 1 && id === endId);
        marked.forEach((one, i) => {
          if (one && (last < 0 || i <= last)) mask[i] = 1;
        });
      }
      return { ids: encoded.ids, mask };
    },
  };
}

/** The conversation up to the end of the last message's text, for the assistant to go on in the middle of it. */
export function continueMessage(render: Chat['render'], messages: ChatMessage[]): string {
  const text = render(messages, false);
  const content = messages.at(-1)?.content ?? '';
  const at = text.lastIndexOf(content.trim());
  if (at < 0) refuseTemplate('one that writes the last message as it is', 'one that changes it');
  // Templates that trim leave the trimmed text, others all of it.
  const kept = text.startsWith(content.trimStart(), at) ? content.trimStart() : content.trim();
  return text.slice(0, at + kept.length);
}
