// GKD's divergence, DFT and label smoothing against TRL's values and gradients (float64, 1e-10), and the cases known on paper.
import { expect, test } from 'vitest';
import { divergenceWeights } from './generalisedDivergence';
import { dynamicWeights, smoothedWeights } from './supervisedLosses';
import { expectClose, type Numbers, readGoldens, scoreTokens, shiftLabels } from './testing/goldenVectors';
import { lossOf, scored } from './testing/wideVectors';
import { linearLoss } from './tokenLikelihood';

const distillation = readGoldens('losses', 'distillation', new URL('./fixtures/distillation.json', import.meta.url));
const jsd = distillation.filter(({ name }) => name.startsWith('gkd_jsd'));

/** [B, T, V] of a gradient that was made for scored positions only */
function spread(gradient: Float64Array, at: readonly number[], shape: readonly number[]): Float64Array {
  const all = new Float64Array(shape[0] * shape[1] * shape[2]);
  at.forEach((position, i) => {
    all.set(gradient.subarray(i * shape[2], (i + 1) * shape[2]), position * shape[2]);
  });
  return all;
}

test.each(jsd.map((entry) => [entry.name, entry] as const))('%s', (_, { params, inputs, outputs, grad }) => {
  const { beta, temperature = 1 } = params;
  const cold = (logits: Numbers): Numbers => ({ ...logits, data: logits.data.map((x) => x / temperature) });
  const student = scored(cold(inputs.logits), inputs.mask);
  const teacher = scored(cold(inputs.teacher_logits), inputs.mask);
  const vocabulary = inputs.logits.shape[2];
  const found = divergenceWeights(student.values, teacher.values, vocabulary, beta);
  expectClose([found.loss], [outputs.loss]);
  const { gradient } = lossOf(found.weights, student.values, vocabulary);
  expectClose(
    spread(
      gradient.map((g) => g / temperature),
      student.at,
      inputs.logits.shape,
    ),
    grad.logits.data,
  );
});

test('on_policy_distillation_sampled_token: REINFORCE with the log ratio to the teacher as reward of each token', () => {
  const { inputs, outputs, grad } = distillation.find(({ name }) => name === 'on_policy_distillation_sampled_token')!;
  const student = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const teacher = scoreTokens(inputs.teacher_logits, inputs.ids, inputs.mask);
  const weights = student.logProb.map((lp, i) => (teacher.logProb[i] - lp) / student.logProb.length);
  expectClose([linearLoss(weights, student.logProb)], [outputs.loss]);
  expectClose(student.gradient(weights), grad.logits.data);
});

test('two words on paper: KL(t ‖ s), KL(s ‖ t), JSD; equal ones have no loss and no gradient', () => {
  const [student, teacher] = [
    [0.5, 0.5],
    [0.9, 0.1],
  ].map((p) => p.map(Math.log));
  const of = (beta: number) => divergenceWeights(student, teacher, 2, beta).loss;
  expectClose([of(0), of(1), of(0.5), of(0.1)], [0.368064, 0.510826, 0.101749, 0.033603], 1e-6);
  expect(of(0.5)).toBeCloseTo(divergenceWeights(teacher, student, 2, 0.5).loss, 12);
  for (const beta of [0, 0.3, 1]) {
    const { loss, weights } = divergenceWeights(teacher, teacher, 2, beta);
    expect(Math.abs(loss)).toBeLessThan(1e-15);
    for (const g of lossOf(weights, teacher, 2).gradient) expect(Math.abs(g)).toBeLessThan(1e-15);
  }
});

test('a word that the teacher all but rules out keeps everything finite', () => {
  for (const beta of [0, 0.5, 1]) {
    const { loss, weights } = divergenceWeights([0, 0], [0, -2000], 2, beta);
    expect([loss, ...weights].every(Number.isFinite)).toBe(true);
  }
});

const sft = readGoldens('losses', 'sft', new URL('./fixtures/sft.json', import.meta.url));
const supervised = (name: string) => {
  const { inputs, outputs, grad, params } = sft.find((candidate) => candidate.name === name)!;
  const { ids, mask } = shiftLabels(inputs.labels);
  return { inputs, outputs, grad, params, ids, mask };
};

test('sft_dft', () => {
  const { inputs, outputs, grad, ids, mask } = supervised('sft_dft');
  const policy = scoreTokens(inputs.logits, ids, mask);
  const weights = dynamicWeights(policy.logProb);
  expectClose([linearLoss(weights, policy.logProb)], [outputs.loss]);
  expectClose(policy.gradient(weights), grad.logits.data);
});

test.each(['sft_label_smoothing_0.1', 'sft_label_smoothing_0.3'])('%s', (name) => {
  const { inputs, outputs, grad, params, ids, mask } = supervised(name);
  const { values, at } = scored(inputs.logits, mask);
  const vocabulary = inputs.logits.shape[2];
  const targets = at.map((i) => ids.data[i]);
  const { loss, gradient } = lossOf(smoothedWeights(targets, vocabulary, params.epsilon), values, vocabulary);
  expectClose([loss], [outputs.loss]);
  expectClose(spread(gradient, at, inputs.logits.shape), grad.logits.data);
});

test('DFT on uniform words: (ln V) / V', () => {
  const logProb = new Array(5).fill(-Math.log(8));
  expect(linearLoss(dynamicWeights(logProb), logProb)).toBeCloseTo(Math.log(8) / 8, 12);
});
