// How much one step of a recipe holds at once, from its settings. Used for estimates only, never by training.
// STaR, Pair-SFT and DPO say nothing here: how much of their samples they keep is known only afterwards.
import type { Settings } from '../protocol/fields';
import type { BatchLoad, TaskLengths } from './recipe';

/** Rollouts of two attempts, packed as in train/twoAttemptBatch.ts; slots of the cache as in rollouts/twoAttempts.ts. */
export function twoAttemptLoad(settings: Settings, { prompt, answer, followUp }: TaskLengths): BatchLoad {
  const { problems, firsts } = settings as Record<string, number>;
  const seconds = settings.multiTurn === false ? 0 : (settings.seconds as number);
  const rows = problems * firsts;
  const time = prompt + answer + (seconds > 0 ? followUp + seconds * answer : 0);
  return {
    positions: rows * time,
    predicted: rows * (1 + seconds) * answer,
    cached: problems * (1 + firsts + firsts * seconds) * Math.max(prompt, answer + followUp + 1),
  };
}

/** Whole conversations of one problem and one answer. */
export function conversationLoad(settings: Settings, { prompt, answer }: TaskLengths): BatchLoad {
  const conversations = settings.conversations as number;
  return { positions: conversations * (prompt + answer), predicted: conversations * answer, cached: 0 };
}

type Amount = Record<string, number>;

/** What is learned from at once by a recipe that packs answers behind their contexts (train/answerBatch.ts). */
interface Packed {
  /** contexts, at most */
  rows: number;
  /** tokens of the longest context */
  context: number;
  /** answers per context, at most */
  answers: number;
}

/** @param seconds per first attempt while sampling; `firsts` 0 = nothing is sampled */
function sampledLoad(settings: Settings, seconds: number, packed: Packed, lengths: TaskLengths): BatchLoad {
  const { problems, firsts } = settings as Amount;
  const { prompt, answer, followUp } = lengths;
  return {
    positions: packed.rows * (packed.context + packed.answers * answer),
    predicted: packed.rows * packed.answers * answer,
    cached: problems * (1 + firsts + firsts * seconds) * Math.max(prompt, answer + followUp + 1),
  };
}

const revisionContext = ({ prompt, answer, followUp }: TaskLengths) => prompt + answer + followUp;

/** GRPO and RLOO: rows of one problem's first attempts, and rows of one first attempt's second ones, all as long as the longest. */
export function groupLoad(settings: Settings, lengths: TaskLengths): BatchLoad {
  const { problems, firsts } = settings as Amount;
  const seconds = settings.attempts === 'first' ? 0 : (settings.seconds as number);
  const { prompt, answer } = lengths;
  const first = { rows: settings.attempts === 'second' ? 0 : problems, time: prompt + firsts * answer };
  const second = { rows: seconds > 0 ? problems * firsts : 0, time: revisionContext(lengths) + seconds * answer };
  const time = Math.max(first.rows && first.time, second.rows && second.time);
  const { cached } = sampledLoad(settings, seconds, { rows: 0, context: 0, answers: 0 }, lengths);
  return {
    positions: (first.rows + second.rows) * time,
    predicted: first.rows * firsts * answer + second.rows * seconds * answer,
    cached,
  };
}

/** First attempts of each problem behind its prompt; `answers` of them at most. */
export function attemptsLoad(settings: Settings, lengths: TaskLengths, answers: number): BatchLoad {
  const packed = { rows: settings.problems as number, context: lengths.prompt, answers };
  return sampledLoad({ firsts: 1, ...settings }, 0, packed, lengths);
}
