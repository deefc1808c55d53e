// One answer in a conversation, told while it is written; a person may stop it at any token.
import { counterBits } from '../lib/counterRng';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { StudioError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import type { ChatLine } from '../protocol/models';
import { generate, readTokens } from '../rollouts/generate';
import { type CachedRow, KeyValueCache } from '../rollouts/keyValueCache';

export interface ChatJob {
  model: LanguageModel;
  /** null: the base */
  adapter: Adapter | null;
  lines: readonly ChatLine[];
  /** 0 = greedy */
  temperature: number;
  /** 0 = off */
  topK?: number;
  /** 1 = off */
  topP?: number;
  maxTokens: number;
  seed: number;
  /** At most ten times a second. */
  onWritten(text: string): void;
  /** Asked between tokens, after waiting messages were taken. */
  isStopped(): boolean;
  letMessagesIn(): Promise<void>;
}

export type ChatAnswer = Omit<Extract<StudioEvent, { type: 'chat.finished' }>, 'type' | 'requestId'>;

const REPORT_EVERY_MS = 100;
const LISTEN_EVERY_MS = 30;
/** Tokens of a prompt that are read at once: what lies between them in memory stays small, and a person may stop it. */
const READ_AT_ONCE = 256;
/** A stream of random numbers that no run draws from. */
const CHAT_STREAM = 0x6368_6174;

/** Bytes that are not yet a whole character are decoded as U+FFFD: they wait for the rest. */
const whole = (text: string) => text.replace(/\uFFFD+$/, '');

/** What is read, and how long the answer may be: no longer than the model's positions allow. */
function promptOf({ model, lines, maxTokens }: ChatJob): { prompt: Int32Array; most: number } {
  if (lines.at(-1)?.role !== 'user') {
    throw new StudioError('input', 'chat: expected the last line to be what the user says, it is not. Ask something.');
  }
  const prompt = model.chat.prompt(lines.map(({ role, content }) => ({ role, content })));
  const { maxPositions } = model.architecture.shape;
  const most = Math.min(maxTokens, maxPositions - prompt.length);
  if (most < 1) {
    throw new StudioError(
      'input',
      `chat: expected less than the model's ${maxPositions} tokens, so that there is room for an answer, got ${prompt.length}. Begin a new conversation.`,
    );
  }
  return { prompt, most };
}

/** @throws StudioError('input') for a conversation that does not fit */
export async function chatTurn(job: ChatJob): Promise<ChatAnswer> {
  const { model, adapter, temperature, topK = 0, topP = 1, seed } = job;
  const { prompt, most: maxTokens } = promptOf(job);
  const cache = new KeyValueCache(model);
  const decoder = { model, adapter, cache };
  const written: number[] = [];
  const spell = () => model.tokenizer.decode(Int32Array.from(written));
  const started = performance.now();
  let told = started;
  let listened = started;
  const stopped = async () => {
    if (performance.now() - listened >= LISTEN_EVERY_MS) {
      await job.letMessagesIn();
      listened = performance.now();
    }
    return job.isStopped();
  };
  try {
    cache.reset(1, prompt.length + maxTokens + 1);
    const row: CachedRow = { past: [], own: cache.allocate() };
    let logits = readTokens(decoder, [row], [prompt.subarray(0, READ_AT_ONCE)]);
    for (let at = READ_AT_ONCE; at < prompt.length && !(await stopped()); at += READ_AT_ONCE) {
      logits.dispose();
      logits = readTokens(decoder, [row], [prompt.subarray(at, at + READ_AT_ONCE)]);
    }
    // Nothing was computed before the first figure is asked for.
    await logits.data();
    const promptSeconds = (performance.now() - started) / 1000;
    const began = performance.now();
    const streams = Int32Array.of(counterBits(seed, CHAT_STREAM, 0) | 0);
    const sampling = { temperature, topK, topP, maxTokens, seed };
    let isStopped = false;
    const [turn] = await generate(decoder, [row], logits, streams, sampling, async (_, ids) => {
      written.push(ids[0]);
      if (performance.now() - told >= REPORT_EVERY_MS) {
        told = performance.now();
        job.onWritten(whole(spell()));
      }
      isStopped = await stopped();
      return isStopped ? 'stop' : undefined;
    });
    const seconds = Math.max((performance.now() - began) / 1000, 1e-3);
    return {
      text: spell(),
      tokens: Array.from(turn.tokens, (id, i) => ({
        id,
        text: model.tokenizer.tokenText(id),
        logProb: turn.logProbs[i],
      })),
      finish: turn.finish === 'end' ? 'end' : isStopped ? 'stopped' : 'length',
      promptTokens: prompt.length,
      promptSeconds,
      tokensPerSecond: turn.tokens.length / seconds,
    };
  } finally {
    cache.dispose();
  }
}
