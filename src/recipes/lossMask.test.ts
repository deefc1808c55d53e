// The mask of the loss in stored samples is the mask of the loss: what a recipe says were its targets is compared with the batch
// and the weights that reached the gradient, token by token, each with all that was read before it.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import type { Settings } from '../protocol/fields';
import { seenTokens } from '../protocol/seenTokens';
import type { TraceChunk } from '../protocol/trace';
import { dpo } from './dpo';
import { grpo } from './grpo';
import { recipes } from './index';
import { kto } from './kto';
import { nat } from './nat';
import { negativeData } from './negativeData';
import { orpo } from './orpo';
import { pairSft } from './pairSft';
import type { Recipe } from './recipe';
import { reinforce } from './reinforce';
import { rest } from './rest';
import { restEm } from './restEm';
import { rloo } from './rloo';
import { score } from './score';
import { scoreStar } from './scoreStar';
import { simpo } from './simpo';
import { spin } from './spin';
import { star } from './star';
import { tinyModel, tryRecipe } from './testing/recipeTrial';

type Loss = typeof import('../train/policyGradient').policyGradientStep;
const seen: { batch: Parameters<Loss>[2]; loss: Parameters<Loss>[4] }[] = [];
vi.mock('../train/policyGradient', async (original) => {
  const real = await original<typeof import('../train/policyGradient')>();
  const policyGradientStep: Loss = (...given) => {
    seen.push({ batch: given[2], loss: given[4] });
    return real.policyGradientStep(...given);
  };
  return { ...real, policyGradientStep };
});
beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());
afterEach(() => {
  seen.length = 0;
});

/** Every predicted token of an update as "what was read > token"; `answer`: only what was read of the answer itself. */
function predicted({ batch, loss }: (typeof seen)[number], wanted: 'weighed' | 'all', answer: boolean): Set<string> {
  const found = new Set<string>();
  batch.targets.forEach((target, i) => {
    if (wanted === 'weighed' && loss.weights[i] === 0 && loss.klWeights[i] === 0) return;
    const at = batch.from[i];
    const row = at - (at % batch.time);
    const [, shared, start] = batch.ranges.subarray(3 * at, 3 * at + 3);
    // Without a shared past the position is the context's last: nothing of the answer was read yet.
    const before = answer ? [] : [...batch.ids.subarray(row, row + shared)];
    const own = answer && shared === 0 ? [] : [...batch.ids.subarray(row + start, at + 1)];
    found.add(`${[...before, ...own].join(' ')} > ${target}`);
  });
  return found;
}

/** The same of the tokens that a chunk calls targets. */
function marked(chunk: TraceChunk, answer: boolean): Set<string> {
  const found = new Set<string>();
  for (let episode = 0; episode < chunk.episodes; episode++) {
    const tokens = seenTokens(chunk, episode) ?? [];
    tokens.forEach(({ id, part, trained }, k) => {
      if (!trained) return;
      const from = answer ? tokens.findIndex((token) => token.part === part) : 0;
      const read = tokens.slice(from, k).map((token) => token.id);
      found.add(`${read.join(' ')} > ${id}`);
    });
  }
  return found;
}

const answers = (chunk: TraceChunk) => chunk.context?.targets?.reduce((sum, target) => sum + target, 0) ?? 0;
const small = { problems: 6, firsts: 3 };
const two = { ...small, seconds: 3 };

/** Methods whose every target weighs something: the mask is exactly what weighs. */
const weighing: [string, Recipe, Settings][] = [
  ['dpo, second attempts', dpo, { ...two, attempt: 'second' }],
  ['dpo, first attempts', dpo, { ...small, attempt: 'first' }],
  ['kto', kto, { ...two, attempt: 'second' }],
  ['orpo', orpo, { ...two, attempt: 'second' }],
  ['simpo, first attempts', simpo, { ...small, attempt: 'first' }],
  ['star', star, two],
  ['star, both attempts', star, { ...two, lossOnFirst: true }],
  ['score-star', scoreStar, two],
  ['score-star without a KL', scoreStar, { ...two, beta2: 0, beta1: 0.01 }],
  ['pair-sft', pairSft, small],
  ['rest', rest, { ...small, originals: 0 }],
  ['rest-em', restEm, small],
  ['nat', nat, small],
  ['negative-data, only right answers', negativeData, { ...small, loss: 'kd' }],
  ['negative-data, both', negativeData, { ...small, loss: 'ul_token' }],
  ['negative-data, contrast', negativeData, { ...small, loss: 'cl', source: 'self' }],
];

test.each(weighing)('%s: targets in the samples are the tokens that weigh in the loss', async (_, recipe, settings) => {
  const { traces, rows } = await tryRecipe(tinyModel(), recipe, { settings, totalSteps: 4 });
  let updates = 0;
  let learned = 0;
  expect(traces).toHaveLength(4);
  traces.forEach((chunk, i) => {
    const isRearranged = chunk.context?.isRearranged === true;
    expect(chunk.context?.targets).toHaveLength(chunk.episodes * chunk.attempts);
    // A step without anything to learn from makes no update.
    const isUpdated = rows[i].grad_norm !== null;
    const weighed = isUpdated ? predicted(seen[updates++], 'weighed', isRearranged) : new Set();
    expect(marked(chunk, isRearranged)).toEqual(weighed);
    learned += weighed.size;
  });
  expect(updates).toBe(seen.length);
  expect(learned).toBeGreaterThan(0);
});

/** Methods whose weights may be zero by an advantage of zero: the mask is what the loss predicts. */
const crediting: [string, Recipe, Settings][] = [
  ['score', score, { problems: 6 }],
  ['grpo', grpo, two],
  ['grpo, second attempts', grpo, { ...two, attempts: 'second' }],
  ['reinforce', reinforce, two],
  ['rloo, first attempts', rloo, { ...small, attempts: 'first' }],
];

test.each(crediting)(
  '%s: targets in the samples are the tokens that the loss predicts',
  async (_, recipe, settings) => {
    const { traces } = await tryRecipe(tinyModel(), recipe, { settings, totalSteps: 3 });
    expect(traces).toHaveLength(3);
    expect(seen).toHaveLength(3);
    traces.forEach((chunk, i) => {
      expect(answers(chunk)).toBeGreaterThan(0);
      expect(marked(chunk, false)).toEqual(predicted(seen[i], 'all', false));
    });
  },
);

test('spin: every sample is a target, beside the solver’s answers that are no samples', async () => {
  const { traces } = await tryRecipe(tinyModel(), spin, { settings: { problems: 6 }, totalSteps: 3 });
  traces.forEach((chunk, i) => {
    const [own, all] = [marked(chunk, false), predicted(seen[i], 'weighed', false)];
    expect(answers(chunk)).toBe(chunk.episodes);
    expect([...own].filter((token) => !all.has(token))).toEqual([]);
    expect(all.size).toBeGreaterThan(own.size);
  });
});

test('every recipe of the list says its targets, or that it learns from given texts and keeps no samples', async () => {
  const given: string[] = [];
  for (const recipe of recipes) {
    const sizes = recipe.fields.filter(({ name }) => name === 'problems' || name === 'conversations');
    const settings = Object.fromEntries(sizes.map(({ name }) => [name, 4]));
    // Four steps: some recipes have several stages and refuse fewer.
    const { traces, rows } = await tryRecipe(tinyModel(), recipe, { settings, totalSteps: 4 });
    expect([recipe.id, rows.length, traces.length]).toEqual([recipe.id, 4, recipe.givenTexts ? 0 : 4]);
    if (recipe.givenTexts) given.push(recipe.id);
    for (const { context, episodes, attempts } of traces) {
      expect([recipe.id, context?.targets?.length]).toEqual([recipe.id, episodes * attempts]);
    }
  }
  expect(given.sort()).toEqual(['c-rlft', 'reflexion', 'score-refcode', 'sft', 'weak-to-strong']);
});
