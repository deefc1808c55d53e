// What the trainer of the bundled model measures: a point of the curve, and everything on the card.

import { drawProblem } from '../data/dial';
import { evaluateTwoAttempts, evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import { CounterRng, counterBits } from '../lib/counterRng';
import { VERDICT_QUESTION } from '../lib/dialProblem';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { dialTask } from '../rewards/dialTask';
import { leftTask } from '../rewards/leftTask';
import type { Task } from '../rewards/task';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { twoAttempts } from '../rollouts/twoAttempts';
import type { CardFacts, CurvePoint } from './pretrainCard';

const CURVE_PROBLEMS = 500;
const CARD_PROBLEMS = 2000;
const SEED = 77;

export async function measurePoint(
  task: Task<unknown>,
  model: LanguageModel,
  adapter: Adapter,
  positions: number,
  loss: number,
): Promise<CurvePoint> {
  const cache = new KeyValueCache(model);
  const job = { task, problems: evaluationProblems(task, 'validation', CURVE_PROBLEMS), seed: SEED, step: 0 };
  const greedy = await evaluateTwoAttempts({ model, adapter, cache }, { ...job, temperature: 0 });
  const sampled = await evaluateTwoAttempts({ model, adapter, cache }, { ...job, temperature: 1 });
  cache.dispose();
  return { positions, loss, greedy: greedy.summary, sampled: sampled.summary };
}

/** All levels on the test slice, and how well the model judges its own sampled answers. */
export async function measureCard(
  family: 'dial' | 'left',
  model: LanguageModel,
): Promise<Pick<CardFacts, 'levels' | 'verdict'>> {
  const cache = new KeyValueCache(model);
  const decoder = { model, adapter: null, cache };
  const levels: CardFacts['levels'] = [];
  for (const level of family === 'left' ? [4] : [6, 4, 5, 7, 8]) {
    const task = (family === 'left' ? leftTask(level) : dialTask(level)) as Task<unknown>;
    const job = { task, problems: evaluationProblems(task, 'test', CARD_PROBLEMS), seed: SEED, step: 0 };
    const greedy = await evaluateTwoAttempts(decoder, { ...job, temperature: 0 });
    const sampled = await evaluateTwoAttempts(decoder, { ...job, temperature: 1 });
    levels.push({ name: String(level), greedy: greedy.summary, sampled: sampled.summary });
  }
  if (family === 'dial') levels.push(await measureTimes(decoder));
  const verdict = await measureOwnVerdicts(
    family === 'left' ? (leftTask(4) as Task<unknown>) : (dialTask(6) as Task<unknown>),
    decoder,
  );
  cache.dispose();
  return { levels, verdict };
}

async function measureTimes(decoder: { model: LanguageModel; adapter: null; cache: KeyValueCache }) {
  const task = dialTask(5);
  const rng = new CounterRng(SEED, 0x74696d65);
  const problems = Array.from({ length: CARD_PROBLEMS }, () => drawProblem(rng, 'test', 5, true));
  const job = { task, problems, seed: SEED, step: 0 };
  const greedy = await evaluateTwoAttempts(decoder, { ...job, temperature: 0 });
  const sampled = await evaluateTwoAttempts(decoder, { ...job, temperature: 1 });
  return { name: '× (5 numbers)', greedy: greedy.summary, sampled: sampled.summary };
}

/** Samples answers, asks "Is it correct?", reads yes or no greedily. */
async function measureOwnVerdicts(
  task: Task<unknown>,
  decoder: { model: LanguageModel; adapter: null; cache: KeyValueCache },
) {
  const problems = evaluationProblems(task, 'test', CARD_PROBLEMS);
  const { tokenizer, chat } = decoder.model;
  let right = 0;
  for (let start = 0; start < problems.length; start += 250) {
    const part = problems.slice(start, start + 250);
    const { first, second } = await twoAttempts(
      decoder,
      part.map((problem) => chat.prompt(task.ask(problem))),
      part.map((_, i) => counterBits(SEED, 1, start + i)),
      {
        firsts: 1,
        seconds: 1,
        sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: task.maxTokens, seed: SEED },
        secondTemperature: 0,
        instruction: VERDICT_QUESTION,
      },
    );
    part.forEach((problem, i) => {
      const truth = task.verify(problem, tokenizer.decode(first[i].tokens), first[i].finish === 'end').correct;
      if (tokenizer.decode(second[i].tokens) === (truth ? 'yes' : 'no')) right++;
    });
  }
  return { n: problems.length, right };
}
