// Episodes of one step as columns (protocol/trace.ts). Per-token columns that were not computed are NaN, never 0.
import type { TraceChunk, TraceContext, TraceExtra } from '../protocol/trace';
import type { Verdict } from '../rewards/task';
import type { Turn } from '../rollouts/generate';
import type { TextTokenizer } from '../tokenizers/tokenizer';

export interface TracedAttempt {
  turn: Turn;
  verdict: Verdict;
  /** per token of the turn, where computed */
  refLogProbs?: ArrayLike<number>;
  kl?: ArrayLike<number>;
  /** reward terms beyond the verifier's, e.g. { reward: 1, shaping: 10 } */
  rewards: Record<string, number | null>;
  advantage: number | null;
}

export interface TracedEpisode {
  prompt: string;
  problem: number;
  first: number;
  attempts: TracedAttempt[];
}

/** What the model read: the ids of each problem's prompt, in the order of `problem`, and of the follow-up. */
export interface ReadTokens {
  prompts: readonly ArrayLike<number>[];
  followUp: ArrayLike<number>;
  /** Whether the loss had the tokens of an answer as targets; left out when that is not known. */
  isTarget?: (episode: number, attempt: number) => boolean;
  /** The loss read the answers in another context. */
  isRearranged?: boolean;
}

function targetsOf(episodes: number, attempts: number, isTarget: NonNullable<ReadTokens['isTarget']>): Uint8Array {
  return Uint8Array.from({ length: episodes * attempts }, (_, row) =>
    Number(isTarget(Math.floor(row / attempts), row % attempts)),
  );
}

function contextOf({ prompts, followUp }: ReadTokens): TraceContext {
  const offsets = new Int32Array(prompts.length + 1);
  prompts.forEach((ids, p) => {
    offsets[p + 1] = offsets[p] + ids.length;
  });
  const joined = new Int32Array(offsets[prompts.length]);
  prompts.forEach((ids, p) => {
    joined.set(ids, offsets[p]);
  });
  return { offsets, prompts: joined, followUp: Int32Array.from(followUp) };
}

/** undefined when no verdict tells anything beside its score. */
function extraOf(verdicts: readonly Verdict[]): TraceExtra | undefined {
  const names = [...new Set(verdicts.flatMap(({ extra }) => Object.keys(extra?.numbers ?? {})))];
  const textNames = [...new Set(verdicts.flatMap(({ extra }) => Object.keys(extra?.texts ?? {})))];
  if (names.length + textNames.length === 0) return undefined;
  const places = new Map<string, number>();
  const placeOf = (text: string | null | undefined) => {
    if (text == null) return -1;
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  };
  const numeric = verdicts.flatMap(({ extra }) => names.map((name) => extra?.numbers[name] ?? Number.NaN));
  const text = verdicts.flatMap(({ extra }) => textNames.map((name) => placeOf(extra?.texts[name])));
  return {
    names,
    numeric: Float32Array.from(numeric),
    textNames,
    text: Int32Array.from(text),
    texts: [...places.keys()],
  };
}

export function collectTraces(
  episodes: readonly TracedEpisode[],
  head: Pick<TraceChunk, 'kind' | 'step' | 'stage' | 'instruction'>,
  tokenizer: TextTokenizer,
  read?: ReadTokens,
): TraceChunk {
  const attempts = episodes[0]?.attempts.length ?? 0;
  const flat = episodes.flatMap((episode) => episode.attempts);
  const terms = [...new Set(flat.flatMap((attempt) => Object.keys({ ...attempt.rewards, ...attempt.verdict.terms })))];
  const total = flat.reduce((sum, attempt) => sum + attempt.turn.tokens.length, 0);
  const column = () => new Float32Array(total).fill(Number.NaN);
  const chunk: TraceChunk = {
    ...head,
    episodes: episodes.length,
    attempts,
    prompts: episodes.map((episode) => episode.prompt),
    problem: Int32Array.from(episodes, (episode) => episode.problem),
    first: Int32Array.from(episodes, (episode) => episode.first),
    offsets: new Int32Array(flat.length + 1),
    tokens: new Int32Array(total),
    logProb: column(),
    refLogProb: column(),
    kl: column(),
    entropy: column(),
    correct: Uint8Array.from(flat, (attempt) => Number(attempt.verdict.correct)),
    terms,
    rewards: new Float32Array(flat.length * terms.length).fill(Number.NaN),
    advantage: Float32Array.from(flat, (attempt) => attempt.advantage ?? Number.NaN),
    texts: {},
  };
  let at = 0;
  flat.forEach(({ turn, verdict, refLogProbs, kl, rewards }, i) => {
    chunk.tokens.set(turn.tokens, at);
    chunk.logProb.set(turn.logProbs, at);
    chunk.entropy.set(turn.entropies, at);
    if (refLogProbs) chunk.refLogProb.set(refLogProbs, at);
    if (kl) chunk.kl.set(kl, at);
    at += turn.tokens.length;
    chunk.offsets[i + 1] = at;
    const values = { ...verdict.terms, ...rewards };
    terms.forEach((term, t) => {
      const value = values[term];
      if (value != null) chunk.rewards[i * terms.length + t] = value;
    });
  });
  const extra = extraOf(flat.map(({ verdict }) => verdict));
  if (extra) chunk.extra = extra;
  if (read) chunk.context = contextOf(read);
  if (chunk.context && read?.isTarget) chunk.context.targets = targetsOf(episodes.length, attempts, read.isTarget);
  if (chunk.context && read?.isRearranged) chunk.context.isRearranged = true;
  for (const ids of [chunk.tokens, chunk.context?.prompts ?? [], chunk.context?.followUp ?? []]) {
    for (const id of ids) chunk.texts[id] ??= tokenizer.tokenText(id);
  }
  return chunk;
}
