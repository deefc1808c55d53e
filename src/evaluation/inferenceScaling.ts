// More computing at inference, spent two ways at the same number of responses (SCoRe, arXiv 2409.12917, section 6.2, figure 1 right):
//   parallel     2K answers, majority vote          sequential   K answers, each corrected once, majority vote over the corrections
// Temperature 0.7 in the paper. Whether first attempts vote too is not stated: they do not.
// And the same model asked again and again (appendix A.1, figure 8): each attempt sees the problem and the attempt before it.
import { counterBits } from '../lib/counterRng';
import { answerContexts, continued } from '../rollouts/answerContexts';
import type { Decoder, Turn } from '../rollouts/generate';
import { twoAttempts } from '../rollouts/twoAttempts';
import { pairedDelta, wilson } from './intervals';
import type { ProtocolJob } from './selfRefine';
import { majority, passAtK } from './voting';

/** Rows decoded at once: bounds the memory of the cache. */
const ROWS = 512;

export interface ScalingPoint {
  /** responses per problem, of either way */
  responses: number;
  parallel: number;
  sequential: number;
  /** at least one of the parallel answers is right, estimated from all of them */
  passAtN: number;
  parallelInterval: { low: number; high: number };
  sequentialInterval: { low: number; high: number };
  /** sequential − parallel on the same problems */
  difference: { delta: number; low: number; high: number };
  tokensParallel: number;
  tokensSequential: number;
}

/** @param budgets even numbers of responses per problem, rising */
export async function evaluateScaling<P>(
  decoder: Decoder,
  job: ProtocolJob<P>,
  budgets: readonly number[],
): Promise<ScalingPoint[]> {
  const { task, problems, temperature, seed } = job;
  const { chat, tokenizer } = decoder.model;
  const most = budgets[budgets.length - 1];
  const sampling = { temperature, topK: 0, topP: 1, maxTokens: task.maxTokens, seed };
  const counts = budgets.map(() => ({
    parallel: 0,
    sequential: 0,
    plus: 0,
    minus: 0,
    pass: 0,
    tokensP: 0,
    tokensS: 0,
  }));
  const size = Math.max(1, Math.floor(ROWS / most));
  const lengthOf = (turns: readonly Turn[]) => turns.reduce((sum, turn) => sum + turn.tokens.length, 0);
  for (let start = 0; start < problems.length; start += size) {
    const part = problems.slice(start, start + size);
    const prompts = part.map((problem) => chat.prompt(task.ask(problem)));
    const keys = part.map((_, i) => counterBits(seed, 0x7363616c, start + i));
    const ask = (firsts: number, seconds: number) =>
      twoAttempts(decoder, prompts, keys, { firsts, seconds, sampling, instruction: task.instruction });
    const wide = await ask(most, 0);
    const deep = await ask(most / 2, 1);
    part.forEach((problem, p) => {
      const isRight = (text: string) => task.verify(problem, text, true).correct;
      const own = (turns: readonly Turn[], each: number) => turns.slice(p * each, (p + 1) * each);
      // A cut answer never counts as ended: it votes under a text of its own.
      const text = (turn: Turn) => tokenizer.decode(turn.tokens) + (turn.finish === 'end' ? '' : ' …');
      const answers = own(wide.first, most).map(text);
      const corrected = own(deep.second, most / 2).map(text);
      const right = answers.filter(isRight).length;
      budgets.forEach((n, b) => {
        const parallel = Number(isRight(majority(answers.slice(0, n))));
        const sequential = Number(isRight(majority(corrected.slice(0, n / 2))));
        const c = counts[b];
        c.parallel += parallel;
        c.sequential += sequential;
        c.plus += Number(sequential > parallel);
        c.minus += Number(sequential < parallel);
        c.pass += passAtK(most, right, n);
        c.tokensP += lengthOf(own(wide.first, most).slice(0, n));
        c.tokensS +=
          lengthOf(own(deep.first, most / 2).slice(0, n / 2)) + lengthOf(own(deep.second, most / 2).slice(0, n / 2));
      });
    });
  }
  const n = problems.length;
  return budgets.map((responses, b) => {
    const c = counts[b];
    return {
      responses,
      parallel: c.parallel / n,
      sequential: c.sequential / n,
      passAtN: c.pass / n,
      parallelInterval: wilson(c.parallel, n),
      sequentialInterval: wilson(c.sequential, n),
      difference: pairedDelta(c.plus, c.minus, n),
      tokensParallel: c.tokensP / n,
      tokensSequential: c.tokensS / n,
    };
  });
}

/** Accuracy of attempt 1, 2, … : every attempt after the first is asked for with the instruction, whatever the one before was. */
export async function evaluateManyAttempts<P>(
  decoder: Decoder,
  job: ProtocolJob<P>,
  attempts: number,
): Promise<{ accuracy: number; interval: { low: number; high: number }; unchanged: number | null }[]> {
  const { task, problems, temperature, seed } = job;
  const { chat, tokenizer, id } = decoder.model;
  if (attempts < 1) throw new RangeError(`attempts of ${id}: expected at least 1, got ${attempts}.`);
  const sampling = { temperature, topK: 0, topP: 1, maxTokens: task.maxTokens, seed };
  const right = new Array<number>(attempts).fill(0);
  const same = new Array<number>(attempts).fill(0);
  for (let start = 0; start < problems.length; start += ROWS) {
    const part = problems.slice(start, start + ROWS);
    const prompts = part.map((problem) => chat.prompt(task.ask(problem)));
    let contexts = prompts;
    let before: string[] = [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const streams = Int32Array.from(part, (_, i) => counterBits(seed, 0x6d616e00 + attempt, start + i));
      const turns = await answerContexts(decoder, contexts, streams, sampling);
      const texts = turns.map((turn) => tokenizer.decode(turn.tokens));
      texts.forEach((text, i) => {
        right[attempt] += Number(task.verify(part[i], text, turns[i].finish === 'end').correct);
        same[attempt] += Number(text === before[i]);
      });
      before = texts;
      contexts = prompts.map((prompt, i) => continued(decoder.model, prompt, turns[i], task.instruction));
    }
  }
  const n = problems.length;
  return right.map((count, attempt) => ({
    accuracy: count / n,
    interval: wilson(count, n),
    unchanged: attempt === 0 ? null : same[attempt] / n,
  }));
}
