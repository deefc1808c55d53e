// NCE: values and gradients in float64 (1e-10), the page's closed forms, and the update that carries the weights to a model.
import { describe, expect, test } from 'vitest';
import { type Calibration, calibratedWeights } from './calibratedDistillation';
import { expectClose, readGoldens } from './testing/goldenVectors';
import { lossOf, scored } from './testing/wideVectors';

const goldens = readGoldens('losses', 'nce', new URL('./fixtures/nce.json', import.meta.url));

const calibrationOf = (name: string, params: Record<string, number>): Calibration => {
  const isFigure = name === 'nce_paper_floor0';
  return {
    likelihood: isFigure ? 1 : params.mix,
    distillation: isFigure ? 1 : 1 - params.mix,
    floor: params.floor,
    calibrated: params.beta !== 0,
    epsilon: params.epsilon ?? 0,
  };
};

function run(name: string) {
  const entry = goldens.find((candidate) => candidate.name === name)!;
  const { inputs, params } = entry;
  const [student, nat, negative] = ['logits', 'nat_logits', 'neg_logits'].map((key) =>
    scored(inputs[key], inputs.mask),
  );
  const targets = student.at.map((i) => inputs.ids.data[i]);
  const given = calibrationOf(name, params);
  return {
    entry,
    student,
    found: calibratedWeights(nat.values, negative.values, targets, student.offsets, given),
  };
}

describe.each(['nce_as_coded', 'nce_no_epsilon', 'nce_paper_floor0', 'kd_plain_floor0.5', 'kd_plain_weight1'])(
  '%s',
  (name) => {
    test('value, β, KL and gradient; tokens outside the mask have none', () => {
      const { entry, student, found } = run(name);
      const vocabulary = entry.inputs.logits.shape[2];
      const { loss, gradient } = lossOf(found.weights, student.values, vocabulary);
      expectClose([loss], [entry.outputs.loss]);
      expectClose(found.beta, entry.outputs.beta.data);
      expectClose(found.kl, entry.outputs.kl.data);
      const whole = new Float64Array(entry.grad.logits.data.length);
      student.at.forEach((at, i) => {
        whole.set(gradient.subarray(i * vocabulary, (i + 1) * vocabulary), at * vocabulary);
      });
      expectClose(whole, entry.grad.logits.data);
    });
  },
);

test('the other direction of the KL is another β', () => {
  const { found } = run('nce_no_epsilon');
  const wrong = goldens.find(({ name }) => name === 'WRONG_nce_direction')!.outputs.beta.data;
  wrong.forEach((beta: number, i: number) => {
    expect(Math.abs(found.beta[i] - beta)).toBeGreaterThan(0.005);
  });
});

describe('on paper: P = (.5, .5), N = (.9, .1), S = (.25, .75), label 0', () => {
  const log = (...p: number[]) => p.map(Math.log);
  const coded: Calibration = { likelihood: 0.5, distillation: 0.5, floor: 0.5, calibrated: true, epsilon: 0 };
  const [P, N, S] = [log(0.5, 0.5), log(0.9, 0.1), log(0.25, 0.75)];
  test('β 0.352297, L 1.049829; KL(P ‖ N) would give β 0.470588', () => {
    const one = calibratedWeights(P, N, [0], Int32Array.of(0, 1), coded);
    expect(one.kl[0]).toBeCloseTo(0.368064, 6);
    expect(one.beta[0]).toBeCloseTo(0.352297, 6);
    expect(lossOf(one.weights, S, 2).loss).toBeCloseTo(1.049829, 6);
    expect(Math.tanh(0.5 * Math.log(0.5 / 0.9) + 0.5 * Math.log(0.5 / 0.1))).toBeCloseTo(0.470588, 6);
  });
  test('N = P: β 0, L 0.902394', () => {
    const one = calibratedWeights(P, P, [0], Int32Array.of(0, 1), coded);
    expect(one.beta[0]).toBe(0);
    expect(lossOf(one.weights, S, 2).loss).toBeCloseTo(0.902394, 6);
  });
  test('β is of the answer, not the mean of its tokens’: 0.181982', () => {
    const two = calibratedWeights([...P, ...P], [...N, ...P], [0, 0], Int32Array.of(0, 2), coded);
    expect(two.beta[0]).toBeCloseTo(0.181982, 6);
  });
  test('a student equal to P, without the label: no gradient', () => {
    const only = calibratedWeights(P, N, [0], Int32Array.of(0, 1), { ...coded, likelihood: 0 });
    expectClose(lossOf(only.weights, P, 2).gradient, [0, 0]);
  });
  test('an answer without tokens changes nothing', () => {
    const none = calibratedWeights(P, N, [0], Int32Array.of(0, 0, 1), coded);
    expect([none.beta[0], none.kl[0]]).toEqual([0, 0]);
    expect(lossOf(none.weights, S, 2).loss).toBeCloseTo(1.049829, 6);
  });
});
