// ASC: the ranking loss and the votes against float64 vectors, and a ranker that learns on a random model.
import { mul, type Scalar, sum, tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { scoredVote, VOTES } from '../evaluation/voting';
import { gradients } from '../ops/backward';
import { headScores, type RankingHead } from '../train/rankingHead';
import { rankingLoss, verdictScores, verdictWeights } from '../train/rankingLoss';
import { expectClose, readGoldens } from '../train/testing/goldenVectors';
import { asc } from './asc';
import { meanOf, plainWords, tinyModel, tryRecipe } from './testing/recipeTrial';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const goldens = readGoldens('losses', 'asc', new URL('../evaluation/fixtures/ascVotes.json', import.meta.url));

describe('the ranking loss', () => {
  test.each(goldens.filter(({ name }) => name.startsWith('rank_loss_table')).map(({ name }) => name))('%s', (name) => {
    const { params, inputs, outputs, grad } = goldens.find((entry) => entry.name === name)!;
    const { losses, slopes } = rankingLoss(inputs.s.data, params.p);
    expectClose(losses, outputs.per_pair.data);
    expectClose(slopes, grad.s.data);
  });
  test.each([
    [0.8, 0.3, 3, 0.035],
    [0.8, 0.3, 7, 0.0002315],
    [0.5, 0.5, 3, 0.25],
    [1, 0, 3, 0],
  ])('s₊ %d, s₋ %d, p %d: %d', (right, wrong, p, loss) => {
    expect(rankingLoss([right, wrong], p).losses[0]).toBeCloseTo(loss, 10);
  });
  test('weights are minus its slope in the verdicts’ log-probabilities, by differences', () => {
    const logProb = [-0.3, -2.1, -1.7, -0.9];
    const total = (at: number[]) => rankingLoss(verdictScores(at), 3).losses.reduce((sum, l) => sum + l, 0);
    const scores = verdictScores(logProb);
    const weights = verdictWeights(scores, rankingLoss(scores, 3).slopes);
    const slopes = logProb.map((_, k) => {
      const [up, down] = [1e-6, -1e-6].map((h) => total(logProb.map((l, j) => l + (j === k ? h : 0))));
      return (up - down) / 2e-6;
    });
    expectClose(
      weights.map((w) => -w),
      slopes,
      1e-8,
    );
  });
});

const named = { sc: 'SC', ws: 'WS', asc1: 'ASC1', asc2: 'ASC2' } as const;

test.each(goldens.filter(({ name }) => name.startsWith('voting_')).map(({ name }) => name))('%s', (name) => {
  const { inputs, outputs } = goldens.find((entry) => entry.name === name)!;
  for (const kind of Object.keys(VOTES) as (keyof typeof VOTES)[]) {
    const { totals, winners } = scoredVote(kind, inputs.answers, inputs.scores);
    const expected = outputs[named[kind]];
    expect([...totals.keys()]).toEqual(expected.totals.map(([answer]: [string | null]) => answer));
    expectClose(
      [...totals.values()],
      expected.totals.map(([, total]: [string | null, number]) => total),
    );
    expect(winners).toEqual(expected.winners);
    expect(winners.filter((winner) => winner === inputs.gold).length / winners.length).toBe(expected.credit);
  }
});

describe('the head of its own', () => {
  const { inputs, outputs, grad, params } = goldens.find(({ name }) => name === 'ranker_p3')!;
  const pooled = () => {
    const [rows, time, size] = inputs.hidden.shape;
    const means = Array.from({ length: rows }, (_, r) => {
      const read = Array.from({ length: time }, (_t, t) => t).filter((t) => inputs.rat_mask.data[r * time + t]);
      return Array.from({ length: size }, (_i, i) =>
        read.reduce((sum, t) => sum + inputs.hidden.data[(r * time + t) * size + i] / read.length, 0),
      );
    });
    return tensor2d(means.flat(), [rows, size]);
  };
  const names = { w1: 'W1', b1: 'b1', w2: 'W2', b2: 'b2', w: 'w', b: 'b' } as const;
  const head = () =>
    Object.fromEntries(
      Object.entries(names).map(([part, name]) => [part, tensor(inputs[name].data, inputs[name].shape)]),
    ) as RankingHead;
  test('scores and gradients of the paper’s code', async () => {
    const own = head();
    const scores = headScores(own, pooled());
    const found = Array.from(await scores.data());
    expectClose(found, outputs.scores.data, 1e-5);
    // Row i is the right answer of row n + i.
    const half = found.length / 2;
    const inTurn = found.slice(0, half).flatMap((right, i) => [right, found[half + i]]);
    const { losses, slopes } = rankingLoss(inTurn, params.p);
    expectClose([losses.reduce((sum, loss) => sum + loss, 0) / half], [outputs.loss], 1e-5);
    const slope = found.map((_, row) => slopes[row < half ? 2 * row : 2 * (row - half) + 1] / half);
    const parts = Object.keys(names) as (keyof typeof names)[];
    const { grads } = gradients(
      () => sum(mul(headScores(own, pooled()), tensor1d(slope))) as Scalar,
      parts.map((part) => own[part]),
    );
    for (const [i, part] of parts.entries()) expectClose(await grads[i].data(), grad[names[part]].data, 1e-5);
  });
  test('learns to tell right from wrong, and its votes beat counting', async () => {
    const model = tinyModel();
    const settings = { problems: 16, firsts: 8, learningRate: 0.01, ranker: 'head' };
    const { rows, end } = await tryRecipe(model, asc, {
      settings,
      totalSteps: 40,
      task: { ...plainWords, maxTokens: 2 },
    });
    expect(end.tensors.some(({ name }) => name === 'head.rank.w1')).toBe(true);
    const late = rows.slice(-10);
    expect(meanOf(late, 'rank/pair_accuracy')).toBeGreaterThan(0.8);
    expect(meanOf(late, 'loss')).toBeLessThan(meanOf(rows.slice(0, 3), 'loss') - 0.1);
    for (const kind of ['ws', 'asc2']) expect(meanOf(late, `vote/${kind}`)).toBeGreaterThan(meanOf(late, 'vote/sc'));
    model.dispose();
  });
});

describe('the ranker', () => {
  const settings = { problems: 16, firsts: 8, learningRate: 0.01 };
  const reviewed = {
    ...plainWords,
    review: { question: 'Is it correct?', maxTokens: 1, approves: () => true, verdicts: ['yes', 'no'] as const },
  };
  test.each([
    ['task', reviewed],
    ['spare', { ...plainWords, maxTokens: 1 }],
  ])('%s words: learns to tell right from wrong, and its votes beat counting', async (words, task) => {
    const model = tinyModel();
    const { rows, traces } = await tryRecipe(model, asc, { settings: { ...settings, words }, totalSteps: 50, task });
    const late = rows.slice(-10);
    expect(meanOf(late, 'loss')).toBeLessThan(meanOf(rows.slice(0, 3), 'loss') - 0.1);
    expect(meanOf(late, 'rank/pair_accuracy')).toBeGreaterThan(0.8);
    for (const kind of ['ws', 'asc1', 'asc2'])
      expect(meanOf(late, `vote/${kind}`)).toBeGreaterThan(meanOf(late, 'vote/sc'));
    // No answer's token is a target, and every answer has a score.
    expect([...(traces[0].context?.targets ?? [])].every((target) => target === 0)).toBe(true);
    const { terms, rewards, episodes } = traces[0];
    for (let e = 0; e < episodes; e++) expect(rewards[e * terms.length + terms.indexOf('score')]).toBeGreaterThan(0);
    model.dispose();
  });
  test('verdicts of several tokens are refused', async () => {
    const model = tinyModel();
    const task = { ...reviewed, review: { ...reviewed.review, verdicts: ['dial 3', 'no'] as const } };
    const own = { ...settings, words: 'task' };
    await expect(tryRecipe(model, asc, { settings: own, totalSteps: 1, task })).rejects.toThrow(/one token each/);
    await expect(tryRecipe(model, asc, { settings: own, totalSteps: 1 })).rejects.toThrow(/words for a verdict/);
    model.dispose();
  });
});
