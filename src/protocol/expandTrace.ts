// From the columns of one step (TraceChunk) to one readable sample, and to the light rows of a list.
import type { AttemptTrace, FlipClass, TokenTrace, Trace, TraceChunk, TraceExtra } from './trace';

/** NaN stands for "not computed". */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** null when the episode has not exactly two attempts. */
function flipOf(chunk: TraceChunk, episode: number): FlipClass | null {
  if (chunk.attempts !== 2) return null;
  const before = chunk.correct[episode * 2] ? 'c' : 'i';
  const after = chunk.correct[episode * 2 + 1] ? 'c' : 'i';
  return `${before}_to_${after}`;
}

/** Token texts joined by spaces would be wrong for other tokenizers: texts carry their own spaces or none (word level). */
function joinTexts(texts: readonly string[]): string {
  const carriesSpaces = texts.some((text) => /^\s|\s$/.test(text));
  return texts.join(carriesSpaces ? '' : ' ').trim();
}

function isMarker(text: string): boolean {
  return /^<[^>]*>$/.test(text.trim());
}

/** What was written in row `episode * attempts + attempt`, as `AttemptTrace.text` has it, without the numbers beside it. */
export function attemptText(chunk: TraceChunk, row: number): string {
  const texts: string[] = [];
  for (let t = chunk.offsets[row]; t < chunk.offsets[row + 1]; t++) {
    const text = chunk.texts[chunk.tokens[t]] ?? `#${chunk.tokens[t]}`;
    if (!isMarker(text)) texts.push(text);
  }
  return joinTexts(texts);
}

/** Numbers before texts. */
function extraAt({ names, numeric, textNames, text, texts }: TraceExtra, row: number): AttemptTrace['extra'] {
  return Object.fromEntries([
    ...names.map((name, x) => [name, known(numeric[row * names.length + x])]),
    ...textNames.map((name, y) => [name, texts[text[row * textNames.length + y]] ?? null]),
  ]);
}

function expandAttempt(chunk: TraceChunk, episode: number, attempt: number): AttemptTrace {
  const row = episode * chunk.attempts + attempt;
  const tokens: TokenTrace[] = [];
  for (let t = chunk.offsets[row]; t < chunk.offsets[row + 1]; t++) {
    tokens.push({
      id: chunk.tokens[t],
      text: chunk.texts[chunk.tokens[t]] ?? `#${chunk.tokens[t]}`,
      logProb: known(chunk.logProb[t]),
      refLogProb: known(chunk.refLogProb[t]),
      kl: known(chunk.kl[t]),
      entropy: known(chunk.entropy[t]),
    });
  }
  const terms = chunk.terms.length;
  return {
    text: attemptText(chunk, row),
    tokens,
    correct: chunk.correct[row] === 1,
    rewards: Object.fromEntries(chunk.terms.map((name, r) => [name, known(chunk.rewards[row * terms + r])])),
    advantage: known(chunk.advantage[row]),
    ...(chunk.extra && { extra: extraAt(chunk.extra, row) }),
  };
}

export function expandTrace(chunk: TraceChunk, episode: number): Trace {
  return {
    index: episode,
    step: chunk.step,
    stage: chunk.stage,
    kind: chunk.kind,
    problem: chunk.problem[episode],
    first: chunk.first[episode],
    prompt: chunk.prompts[episode],
    instruction: chunk.instruction,
    attempts: Array.from({ length: chunk.attempts }, (_, attempt) => expandAttempt(chunk, episode, attempt)),
    flip: flipOf(chunk, episode),
  };
}

export type FlipCounts = Record<FlipClass, number>;

export function countFlips(chunk: TraceChunk): FlipCounts {
  const counts: FlipCounts = { i_to_i: 0, i_to_c: 0, c_to_i: 0, c_to_c: 0 };
  for (let e = 0; e < chunk.episodes; e++) {
    const flip = flipOf(chunk, e);
    if (flip) counts[flip]++;
  }
  return counts;
}

/** Indices of the episodes of one flip class (null = all), in the order they were sampled. */
export function episodesOf(chunk: TraceChunk, flip: FlipClass | null): number[] {
  const all = Array.from({ length: chunk.episodes }, (_, e) => e);
  return flip ? all.filter((e) => flipOf(chunk, e) === flip) : all;
}
