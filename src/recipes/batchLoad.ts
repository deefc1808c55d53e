// How much one step of a recipe holds at once, from its settings. Used for estimates only, never by training.
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
