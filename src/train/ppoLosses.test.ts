// PPO against TRL's values and gradients (float64, 1e-10), generalised advantages on paper, and the critic's update on a model.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { createAdapter, disposeAdapter, readAdapter, trainables } from '../models/adapter';
import { smallDial } from '../models/testing/smallDial';
import { actorCriticUpdate, criticColumns, ensureCritic } from './actorCritic';
import { packAnswers } from './answerBatch';
import { createOptimizer, disposeOptimizer } from './optimizer';
import { actorCriticWeights, generalisedAdvantages, tokenRewards, whitened } from './ppoLosses';
import { expectClose, type GoldenEntry, type Numbers, readGoldens, scoreTokens } from './testing/goldenVectors';
import { weightedUpdate } from './weightedUpdate';

const entries = readGoldens('losses', 'ppo', new URL('./fixtures/ppo.json', import.meta.url));

/** Rows of [B, T] up to the place of the score (one token beyond the answer where there is room), one behind the other. */
function ragged({ inputs, params }: GoldenEntry) {
  const [rows, time] = inputs.ids.shape;
  const lengths = inputs.sequence_lengths.data.map((last: number) => Math.min(last + 2, time));
  const at = lengths.flatMap((length: number, row: number) => Array.from({ length }, (_, t) => row * time + t));
  const offsets = Int32Array.from(
    [0, ...lengths].map((_, i) => lengths.slice(0, i).reduce((a: number, b: number) => a + b, 0)),
  );
  const written = at.map((i: number) => Number(i % time <= inputs.sequence_lengths.data[Math.floor(i / time)]));
  const mask: Numbers = { shape: [rows, time], data: new Array(rows * time).fill(0) };
  at.forEach((i: number, k: number) => {
    mask.data[i] = written[k];
  });
  const column = (of: Numbers) => Float64Array.from(at, (i: number) => of.data[i]);
  const scored = (logits: Numbers) => {
    const found = scoreTokens(logits, inputs.ids, mask, params.temperature + 1e-7);
    let next = 0;
    // what was not written has log-probability 1 on both sides
    return { ...found, all: Float64Array.from(written, (w: number) => (w ? found.logProb[next++] : 1)) };
  };
  return { at, offsets, written, column, scored };
}

function advantagesOfEntry(entry: GoldenEntry) {
  const { inputs, params } = entry;
  const rows = ragged(entry);
  const difference = rows.scored(inputs.old_logits).all.map((lp, i) => lp - rows.scored(inputs.ref_logits).all[i]);
  const kl = params.kl_estimator === 'k3' ? difference.map((d) => Math.expm1(-d) + d) : difference;
  let rewards = tokenRewards(inputs.scores.data, kl, params.kl_coef, rows.offsets);
  if (params.whiten_rewards) rewards = whitened(rewards, null, false);
  const values = rows.column(inputs.values);
  const found = generalisedAdvantages(rewards, values, rows.offsets, params.gamma, params.lam);
  return { ...rows, kl, rewards, values, ...found, whitened: whitened(found.advantages, rows.written) };
}

test.each(['ppo_rollout_k1', 'ppo_rollout_k3_whiten_rewards'])('%s', (name) => {
  const entry = entries.find((candidate) => candidate.name === name)!;
  const found = advantagesOfEntry(entry);
  const { outputs } = entry;
  expectClose(found.kl, found.column(outputs.kl));
  expectClose(found.rewards, found.column(outputs.rewards));
  expectClose(found.returns, found.column(outputs.returns));
  expectClose(found.whitened, found.column(outputs.advantages));
});

test.each(['ppo_loss_k1', 'ppo_loss_k3_whiten_rewards'])('%s', (name) => {
  const entry = entries.find((candidate) => candidate.name === name)!;
  const { inputs, params, outputs, grad } = entry;
  const rolled = advantagesOfEntry(entry);
  const policy = rolled.scored(inputs.logits);
  const columns = {
    logProb: policy.all,
    values: rolled.column(inputs.vpred),
    oldLogProb: rolled.scored(inputs.old_logits).all,
    oldValues: rolled.values,
    advantages: rolled.whitened,
    returns: rolled.returns,
  };
  const settings = { clip: params.cliprange, valueClip: params.cliprange_value, valueCoefficient: params.vf_coef };
  const found = actorCriticWeights(settings, columns, rolled.written);
  expectClose([found.policyLoss, found.valueLoss, found.loss], [outputs.pg_loss, outputs.vf_loss, outputs.loss]);
  expectClose([found.clipped], [outputs.pg_clipfrac]);
  // TRL's mean is over the whole rectangle
  expectClose([found.k2 / inputs.ids.data.length], [outputs.approxkl]);
  const weights = found.weights.filter((_, i) => rolled.written[i] === 1);
  expectClose(policy.gradient(weights), grad.logits.data);
  const ofValues = new Float64Array(grad.vpred.data.length);
  rolled.at.forEach((i: number, k: number) => {
    ofValues[i] = -found.valueWeights[k];
  });
  expectClose(ofValues, grad.vpred.data);
});

describe('generalised advantages', () => {
  const gae = entries.filter(({ name }) => name.startsWith('gae_'));
  test.each(gae.map((entry) => [entry.name, entry] as const))('%s', (_, { params, inputs, outputs }) => {
    const { data } = inputs.rewards;
    const offsets = Int32Array.of(0, data.length);
    const found = generalisedAdvantages(data, inputs.values.data, offsets, params.gamma, params.lambda);
    expectClose(found.advantages, outputs.advantages.data);
    expectClose(found.returns, outputs.returns.data);
  });
  test('printed: γ 1, λ 0.95, r = [0, 0, 1], V = [.5, .6, .7]; answers do not reach into one another', () => {
    const values = [0.5, 0.6, 0.7];
    const found = generalisedAdvantages([0, 0, 1, 0, 0, 1], [...values, ...values], Int32Array.of(0, 3, 6), 1, 0.95);
    expectClose(found.advantages, [0.46575, 0.385, 0.3, 0.46575, 0.385, 0.3]);
  });
  test('whitened: mean 0, variance 1', () => {
    const list = whitened([1, 2, 5, 9]);
    expect(list.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 10);
    expect(list.reduce((sum, x) => sum + x * x, 0) / 3).toBeCloseTo(1, 6);
  });
});

describe('the update on a model', () => {
  beforeAll(() => startSimd({ threads: 1 }));
  afterAll(() => stopSimd());
  const make = () => {
    const model = smallDial();
    const adapter = createAdapter(model, { method: 'lora', r: 4, alpha: 8, targets: [] }, 1);
    const state = { adapter, optimizer: createOptimizer(trainables(adapter)), aside: new Map() };
    const context = model.chat.prompt([{ role: 'user', content: 'dial 3 5' }]);
    const answers = ['3 +5= 8', '3 -5= 10'].map((text) =>
      Int32Array.from([...model.tokenizer.encode(text), model.chat.endId]),
    );
    return { model, state, batch: packAnswers([{ context, answers }], model.chat.endId) };
  };
  const options = { learningRate: 0.01, maxNorm: 0, temperature: 1, step: 0 };

  test('a fresh critic says 0; without weights of its own it leaves the policy’s update as it is', async () => {
    const [plain, critical] = [make(), make()];
    ensureCritic(critical.state, critical.model);
    const before = await criticColumns(critical.model, critical.state.adapter, critical.batch, 1);
    expect([...before.values].every((value) => value === 0)).toBe(true);
    const weights = Float64Array.from(plain.batch.targets, (_, i) => (i % 3) - 1);
    const one = await weightedUpdate(plain.model, plain.state, plain.batch, weights, { ...options });
    const none = new Float64Array(weights.length);
    const other = await actorCriticUpdate(critical.model, critical.state, critical.batch, weights, none, options);
    expectClose(other.columns.logProb, one.columns.logProb, 1e-6);
    const [a, b] = [await readAdapter(plain.state.adapter), await readAdapter(critical.state.adapter)];
    a.forEach(({ name, data }, i) => {
      expect(b[i].name).toBe(name);
      expectClose(b[i].data, data, 1e-5);
    });
  });

  test('the critic learns what it is told, and the mean where two answers begin alike', async () => {
    const { model, state, batch } = make();
    ensureCritic(state, model);
    const goal = Float64Array.from(batch.targets, (_, i) => (i < batch.offsets[1] ? 1 : -1));
    const none = new Float64Array(goal.length);
    const distance = async () => {
      const { values } = await criticColumns(model, state.adapter, batch, 1);
      return goal.reduce((sum, g, i) => sum + (values[i] - g) ** 2, 0) / goal.length;
    };
    expect(await distance()).toBeCloseTo(1, 10);
    for (let step = 0; step < 40; step++) {
      const { values } = await criticColumns(model, state.adapter, batch, 1);
      const pull = goal.map((g, i) => (g - values[i]) / goal.length);
      await actorCriticUpdate(model, state, batch, none, pull, options);
    }
    // Both answers have read the same before their first two of four tokens: nothing can tell them apart there.
    expect(await distance()).toBeCloseTo(0.5, 2);
    disposeOptimizer(state.optimizer);
    disposeAdapter(state.adapter);
  });
});
