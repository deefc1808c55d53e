// Weak-to-strong targets, evaluator losses and re-ranking against reference values and gradients (float64, 1e-10) and on paper.
import { describe, expect, test } from 'vitest';
import { rerank, type Strategy } from '../evaluation/reranking';
import { quantile } from '../lib/quantile';
import { evaluatorWeights } from './evaluatorLosses';
import { logSigmoid } from './preferenceLosses';
import { expectClose, type Numbers, readGoldens } from './testing/goldenVectors';
import { confidenceCoefficient, confidenceTargets, gapRecovered, productTargets, twoClassLoss } from './weakToStrong';

const entries = readGoldens('losses', 'weak_to_strong', new URL('./fixtures/weakToStrong.json', import.meta.url));
const firstOf = ({ data }: Numbers) => data.filter((_, i) => i % 2 === 0);
const oddsOf = ({ data }: Numbers) => firstOf({ shape: [], data }).map((x, i) => x - data[2 * i + 1]);
const probability = (x: number) => 1 / (1 + Math.exp(-x));

const trained = entries.filter(({ grad }) => grad?.logits);
test.each(trained.map((entry) => [entry.name, entry] as const))('%s', (name, { params, inputs, outputs, grad }) => {
  const logits = oddsOf(inputs.logits);
  const p = logits.map(probability);
  const weak = firstOf(inputs.weak);
  let targets: ArrayLike<number> = weak;
  if (name.startsWith('logconf')) {
    const isPaper = name.includes('paper');
    const [most, wanted] = isPaper ? [params.alpha_max, params.alpha] : [params.aux_coef, params.coef];
    const schedule = isPaper ? 'paper' : 'reference';
    const coefficient = confidenceCoefficient(schedule, params.step_frac, most, params.warmup_frac);
    expectClose([coefficient], [wanted], 1e-12);
    const found = confidenceTargets(p, weak, coefficient);
    expectClose([found.threshold], [outputs.threshold]);
    targets = found.targets;
  }
  if (name.startsWith('product')) targets = productTargets(p, weak, params.alpha, params.beta);
  expectClose([twoClassLoss(logits, targets)], [outputs.loss]);
  const slopes = p.flatMap((x, i) => [(x - targets[i]) / p.length, (targets[i] - x) / p.length]);
  expectClose(slopes, grad.logits.data);
});

describe('weak to strong, on paper', () => {
  test('the toy batch', () => {
    const { inputs, outputs } = entries.find(({ name }) => name === 'toy_batch')!;
    const p = firstOf(inputs.p);
    const logits = p.map((x) => Math.log(x / (1 - x)));
    const losses = inputs.coef.map((coefficient: number) =>
      twoClassLoss(logits, confidenceTargets(p, firstOf(inputs.weak), coefficient).targets),
    );
    expectClose(losses, outputs.loss_by_coef);
    expect(quantile(p, 0.5)).toBe(outputs.threshold);
  });
  test('the gap recovered, and null without a gap', () => {
    const { inputs, outputs } = entries.find(({ name }) => name === 'pgr')!;
    inputs.weak_w2s_ceiling.forEach(([weak, student, ceiling]: number[], i: number) => {
      const found = gapRecovered(weak, student, ceiling);
      if (outputs.pgr[i] === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(outputs.pgr[i], 12);
    });
  });
  test('a supervisor without an opinion: the product is the student itself, so nothing moves', () => {
    expectClose(productTargets([0.2, 0.9], [0.5, 0.5], 1, 1), [0.2, 0.9], 1e-15);
    expect([...productTargets([0, 1], [1, 0], 1, 1)]).toEqual([0.5, 0.5]);
  });
});

describe('evaluator', () => {
  const goldens = readGoldens('losses', 'reranker', new URL('./fixtures/reranker.json', import.meta.url));
  test.each(goldens.map((entry) => [entry.name, entry] as const))('%s', (name, { params, inputs, outputs, grad }) => {
    const [correct, incorrect] = [inputs.l_correct.data, inputs.l_incorrect.data];
    // Two logits of a wide vocabulary: what is common to both does not matter.
    const logProb = correct.flatMap((l: number, i: number) => [l - 7, incorrect[i] - 7]);
    const kind = name.startsWith('cls_xent') ? 'xent' : 'margin';
    const { losses, weights } = evaluatorWeights(kind, params.lambda ?? 0, logProb);
    expectClose(losses, outputs.per_pair.data);
    expectClose(
      weights.filter((_, i) => i % 2 === 0).map((w) => -w),
      grad.l_correct.data,
    );
    expectClose(
      weights.filter((_, i) => i % 2 === 1).map((w) => -w),
      grad.l_incorrect.data,
    );
  });
  test('printed: S(2, 0), S(0, 1), the margin satisfied; equal scores cost λ, or 2 ln 2', () => {
    expect([logSigmoid(2), logSigmoid(-1)].map((x) => x.toFixed(6))).toEqual(['-0.126928', '-1.313262']);
    expect(evaluatorWeights('margin', 1, [2, 0, 0, 1]).losses[0]).toBe(0);
    expect(evaluatorWeights('margin', 0.3, [0, 0, 0, 0]).losses[0]).toBeCloseTo(0.3, 12);
    expect(evaluatorWeights('xent', 0, [0, 0, 0, 0]).losses[0]).toBeCloseTo(2 * Math.LN2, 12);
  });
});

describe('re-ranking', () => {
  const file = new URL('../recipes/fixtures/selection.json', import.meta.url);
  const { inputs, outputs } = readGoldens('losses', 'selection', file).find(({ name }) => name === 'rerank_text')!;
  const cases: [string, Strategy, number][] = [
    ['RR.All', 'rr_all', 0],
    ['RR.Top-2', 'rr_top', 2],
    ['RR.Top-1', 'rr_top', 1],
    ['W.RR', 'w_rr', 0],
    ['W.RR.Maj2', 'w_rr_top', 2],
    ['Maj1.Top16', 'maj_top', 16],
    ['Maj1', 'maj', 0],
  ];
  test.each(cases)('%s', (name, strategy, k) => {
    expect(rerank(strategy, inputs.answers, inputs.evaluator_scores, k)).toBe(outputs[name]);
  });
  test('equal scores: W.RR is the majority; a judge that knows finds a right one if there is one', () => {
    const ones = inputs.answers.map(() => 1);
    expect(rerank('w_rr', inputs.answers, ones, 0)).toBe(outputs['W.RR_unit_scores']);
    const truth = inputs.answers.map((answer: string) => Number(answer === 'B'));
    expect(rerank('rr_all', inputs.answers, truth, 0)).toBe('B');
  });
});
