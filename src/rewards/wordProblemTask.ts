// Word problems of a dataset (GSM8K, MATH, one's own) as a task: asked as they are, judged by their final answer.

import type { DatasetExample } from '../data/columnMapping';
import type { Slice } from '../data/dial';
import type { Message } from '../data/messages';
import type { CounterRng } from '../lib/counterRng';
import { type FinalAnswer, readFinalAnswer, readPlainNumber } from './finalAnswer';
import { areHendrycksEqual } from './hendrycksEquality';
import { areMathEqual } from './mathEquality';
import type { Task } from './task';

export interface WordProblem {
  messages: Message[];
  /** the whole answer of the dataset */
  solution: string;
  final: string;
}

/** The split of the dataset that stands for a slice of practice. */
const SPLITS: Partial<Record<Slice, DatasetExample['split']>> = { rl: 'train', validation: 'validation', test: 'test' };

/** Calculator notes of GSM8K: <<48/2=24>>. */
export const withoutNotes = (text: string) => text.replace(/<<[^<>]*>>/g, '');

function finalNumber(answer: string): number | null {
  return readPlainNumber(answer) ?? readPlainNumber(answer.match(/-?\$?\d[\d,]*(?:\.\d+)?/)?.[0] ?? '');
}

/** Numbers are compared as numbers, with what stands beside them left out; everything else as mathematics. */
export function isFinalAnswerRight(gold: string, given: string): boolean {
  const right = readPlainNumber(gold);
  if (right === null || gold.includes('%')) return areMathEqual(gold, given);
  const plain = finalNumber(given);
  // 1/2 begins with a number and is another one.
  if (plain !== null && /^[^\\/^]*$/.test(given)) return Math.abs(plain - right) <= 1e-9 * Math.max(1, Math.abs(right));
  return areMathEqual(gold, given);
}

function readProblem({ messages, answer }: DatasetExample): WordProblem | null {
  if (answer === null) return null;
  const final = readFinalAnswer(answer);
  return final ? { messages: messages.slice(0, -1), solution: withoutNotes(answer), final: final.text } : null;
}

/** @throws RangeError when no example has an answer that can be checked */
export function wordProblemTask(id: string, examples: readonly DatasetExample[], how: string): Task<WordProblem> {
  const bySplit = new Map<string, WordProblem[]>();
  for (const example of examples) {
    const problem = readProblem(example);
    if (problem) bySplit.set(example.split, [...(bySplit.get(example.split) ?? []), problem]);
  }
  if (bySplit.size === 0) {
    throw new RangeError(
      `${id}: expected problems with answers that can be checked, got none. Map a column to "answer".`,
    );
  }
  const isRight = (problem: WordProblem, found: FinalAnswer | null, ended: boolean) =>
    found !== null && (found.marked || ended) && isFinalAnswerRight(problem.final, found.text);
  return {
    id,
    instruction:
      'There might be an error in the solution above because of lack of understanding of the question. Please correct the error, if any, and rewrite the solution.',
    maxTokens: 256,
    draw(rng: CounterRng, slice, count) {
      const split = SPLITS[slice];
      const pool = (split && bySplit.get(split)) ?? [];
      if (pool.length === 0)
        throw new RangeError(`${id}: expected problems for ${slice}, its split has none. Give it a share.`);
      // Practice draws with replacement; a measurement takes every problem once.
      if (slice === 'rl') return Array.from({ length: count }, () => pool[rng.integer(pool.length)]);
      return pool.slice(0, count);
    },
    ask: ({ messages }) =>
      messages.map((message, i) =>
        i === messages.length - 1 ? { ...message, content: `${message.content} ${how}`.trim() } : message,
      ),
    solve: (_rng, { solution }) => solution,
    verify(problem, answer, ended) {
      const found = readFinalAnswer(answer);
      const correct = isRight(problem, found, ended);
      return {
        correct,
        wellFormed: found?.marked ?? false,
        terms: {
          right_answer: found ? Number(correct) : null,
          hendrycks: found ? Number(areHendrycksEqual(problem.final, found.text)) : null,
          format: Number(found?.marked ?? false),
        },
        extra: { numbers: {}, texts: { parsed_answer: found?.text ?? null, solution: problem.solution } },
      };
    },
  };
}
