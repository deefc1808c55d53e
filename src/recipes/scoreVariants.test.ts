// The public reference code as it is (its reward table, its loss, its KL of nothing), and SCoRe with STaR in Stage II.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { refcodeReward, rowMeanWeights } from '../train/refcodeLoss';
import { expectClose, readGoldens, scoreTokens, shiftLabels } from '../train/testing/goldenVectors';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { score } from './score';
import { scoreRefcode } from './scoreRefcode';
import { scoreStar } from './scoreStar';
import { meanOf, tinyModel, tryRecipe } from './testing/recipeTrial';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const entries = readGoldens('losses', 'score_refcode', new URL('../train/fixtures/scoreRefcode.json', import.meta.url));
const entry = (name: string) => entries.find((candidate) => candidate.name === name)!;

describe('the reference code’s losses', () => {
  test.each([1, 0.5, -1])('Stage II, reward %d: the reward times the cross-entropy of the given text', (reward) => {
    const { inputs, outputs, grad } = entry(`refcode_stage2_reward${reward}`);
    const { ids, mask } = shiftLabels(inputs.stage2_ids);
    const tokens = scoreTokens(inputs.stage2_logits, ids, mask);
    const weights = rowMeanWeights(tokens.offsets, [reward]);
    expectClose([linearLoss(weights, tokens.logProb)], [outputs.loss]);
    expectClose(tokens.gradient(weights), grad.stage2_logits.data);
  });
  test('Stage I: cross-entropy of every token; its KL adds nothing', () => {
    const { inputs, outputs, grad } = entry('refcode_stage1_beta0.01');
    const { ids, mask } = shiftLabels(inputs.stage1_ids);
    const tokens = scoreTokens(inputs.stage1_logits, ids, mask);
    const weights = rowMeanWeights(tokens.offsets, [1]);
    expectClose([linearLoss(weights, tokens.logProb), outputs.kl_term], [outputs.ce, 0]);
    expectClose(tokens.gradient(weights), grad.stage1_logits.data);
  });
  test('its reward table: +1 right, −1 unchanged, 0.5 for everything else, right → wrong included', () => {
    const { inputs, outputs } = entry('refcode_reward_table');
    const rewards = inputs.gold.map((gold: string, i: number) =>
      refcodeReward(inputs.first_text[i], inputs.second_text[i], gold),
    );
    expect(rewards).toEqual(outputs.reward.data);
  });
});

describe('the mean cross-entropy of supervised fine-tuning', () => {
  const sft = readGoldens('losses', 'sft', new URL('../train/fixtures/sft.json', import.meta.url));
  test.each(['sft_nll', 'sft_uniform'])('%s', (name) => {
    const { inputs, outputs, grad } = sft.find((candidate) => candidate.name === name)!;
    const { ids, mask } = shiftLabels(inputs.labels);
    const tokens = scoreTokens(inputs.logits, ids, mask);
    const weights = tokenMeanWeights(tokens.offsets);
    expectClose([linearLoss(weights, tokens.logProb)], [outputs.loss]);
    expectClose(tokens.gradient(weights), grad.logits.data);
  });
});

describe('score-refcode', () => {
  const settings = { rows: 6, batch: 3, stageOneShare: 0.5, learningRate: 0.01 };
  test('beta_kl changes nothing, whatever it is: the KL is of the model with itself', async () => {
    const model = tinyModel();
    const trial = (betaKl: number) =>
      tryRecipe(model, scoreRefcode, { settings: { ...settings, betaKl }, totalSteps: 4 });
    const [none, much] = [await trial(0), await trial(1000)];
    expect(much.end.tensors).toEqual(none.end.tensors);
    for (const row of much.rows) expect(row.kl).toBe(0);
    model.dispose();
  });
  test('samples nothing, and Stage I makes the WRONG answers likelier', async () => {
    const sampling = vi.spyOn(KeyValueCache.prototype, 'reset');
    const model = tinyModel();
    const { rows, traces } = await tryRecipe(model, scoreRefcode, {
      settings: { ...settings, stageOneShare: 1, batch: 6 },
      totalSteps: 20,
    });
    expect(sampling).not.toHaveBeenCalled();
    sampling.mockRestore();
    expect(traces).toEqual([]);
    expect(rows[19].loss).toBeLessThan(rows[0].loss! - 1);
    expect(rows[0].reward).toBeNull();
    model.dispose();
  });
  test('Stage II: no text ever equals an answer, so the reward is 0.5 throughout', async () => {
    const model = tinyModel();
    const { rows } = await tryRecipe(model, scoreRefcode, {
      settings: { ...settings, stageOneShare: 0 },
      totalSteps: 3,
    });
    for (const row of rows) {
      expect([row['rewards/plus_one/share'], row['rewards/half/share'], row['rewards/minus_one/share']]).toEqual([
        0, 1, 0,
      ]);
    }
    model.dispose();
  });
  test('a task without right and wrong answers of its own is refused', async () => {
    const model = tinyModel();
    const { plainWords } = await import('./testing/recipeTrial');
    const trial = tryRecipe(model, scoreRefcode, { totalSteps: 1, task: { ...plainWords, mistake: undefined } });
    await expect(trial).rejects.toThrow(/knows right and wrong answers/);
    model.dispose();
  });
});

describe('score-star', () => {
  const amounts = { problems: 8, firsts: 2, seconds: 4, learningRate: 0.01 };
  test('its Stage I is SCoRe’s, bit for bit', async () => {
    const model = tinyModel();
    const mine = await tryRecipe(model, scoreStar, { settings: { ...amounts, stageOneShare: 1 }, totalSteps: 4 });
    const theirs = await tryRecipe(model, score, {
      settings: { ...amounts, stageOneShare: 1, decay: 0 },
      totalSteps: 4,
    });
    expect(mine.end.tensors).toEqual(theirs.end.tensors);
    model.dispose();
  });
  test('Stage II learns from what the policy of Stage I wrote, and leaves that policy as it was', async () => {
    const model = tinyModel();
    const settings = { ...amounts, stageOneShare: 0.5 };
    const early = await tryRecipe(model, scoreStar, { settings, totalSteps: 20, stopAt: 11 });
    const late = await tryRecipe(model, scoreStar, { settings, totalSteps: 20 });
    const frozen = ({ end }: typeof late) => end.tensors.filter(({ name }) => name.startsWith('aside/stage_one/'));
    expect(frozen(late).length).toBeGreaterThan(0);
    expect(frozen(late)).toEqual(frozen(early));
    expect(late.stages).toEqual(['stage_1', 'star_stage_2']);
    expect(meanOf(late.rows.slice(-3), 'loss')).toBeLessThan(meanOf(late.rows.slice(10, 13), 'loss'));
    model.dispose();
  });
});
