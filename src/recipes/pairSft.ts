// Pair-SFT: learning from synthetic repairs, the baseline of the SCoRe paper: Kumar et al. 2024, arXiv 2409.12917, section 4
// (a variant of Welleck et al. 2022, arXiv 2211.00053: one model, one iteration, no trace augmentation).
//   D_SFT = {(x, y⁻, p, y⁺) : y⁻, y⁺ ~ π_base(·|x), r(y⁻) = 0, r(y⁺) = 1}          D+_SFT adds (x, y⁺, p, y⁺') with both right
//   max_θ E_D[ log π_θ(second | x, first, p) ]
// The first answer of a pair is not what the model in training would write: the distribution shift the paper shows.
// Differs from the paper in:
//  1. Every step samples its own part of the set from the frozen base; no pair is used twice (the paper: a fixed set).
//  2. At most `pairs` repairs, and as many confirmations, per problem and step (the paper does not say how many).
//  3. Loss on the second answer alone (the paper does not say).
//  4. In D+ the two right answers are two samples, which may be the same text (the paper does not say).
//  5. LoRA; rates and amounts fit a model of 0.8 M parameters.
import { CounterRng, counterBits } from '../lib/counterRng';
import { continued } from '../rollouts/answerContexts';
import { packAnswers } from '../train/answerBatch';
import { pickSome, repairPairs } from '../train/offlineSets';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  firstsField,
  integerField,
  learningRateField,
  maxNormField,
  plusField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import { plusPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { supervisedStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const pairSft: Recipe = {
  id: 'pair-sft',
  title: { en: 'Pair-SFT on repairs', ko: 'Pair-SFT(고친 짝 학습)' },
  paper: 'Welleck et al. 2022, arXiv 2211.00053; as in Kumar et al. 2024, arXiv 2409.12917, section 4',
  fields: [
    plusField,
    learningRateField(0.001),
    advanced(
      integerField(
        'pairs',
        [3, 1, 64],
        { en: 'Pairs per problem', ko: '문제당 짝의 수' },
        { en: 'Chosen at random. The paper does not say.', ko: '무작위로 고릅니다. 논문에는 없습니다.' },
      ),
    ),
    problemsField(64),
    firstsField(8),
    temperatureField(1, { en: 'The paper does not say; 1.', ko: '논문에는 없으며 1을 씁니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  presets: plusPresets,
  stages: supervisedStages,
  adapter: adapterConfig,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state } = job;
  const { problems, firsts, pairs, temperature, learningRate, maxNorm } = settings as Record<string, number>;
  yield { type: 'stage.entered' as const, step: state.step, stage: 'supervised' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature };
    const attempts = await sampleAttempts(job, null, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, answers are paired
    const rng = new CounterRng(seed, counterBits(seed, 0x70616972, step));
    const kept = new Uint8Array(sampled.r1.length);
    const groups = sampled.prompts.flatMap((prompt, p) => {
      const start = p * firsts;
      const { repairs, confirmations } = repairPairs(
        sampled.r1.subarray(start, start + firsts),
        start,
        settings.plus as boolean,
      );
      const chosen = [...pickSome(repairs, pairs, rng), ...pickSome(confirmations, pairs, rng)];
      return chosen.map(([before, after]) => {
        kept[after] = 1;
        const first = sampled.rollout.first[before];
        const context = continued(model, prompt, first, task.instruction);
        return { context, answers: [sampled.rollout.first[after].tokens] };
      });
    });

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const weights = batch ? tokenMeanWeights(batch.offsets) : [];
    const outcome =
      batch && (await weightedUpdate(model, state, batch, weights, { learningRate: rate, maxNorm, step }));
    state.step = step + 1;

    // metric events
    const loss = outcome && linearLoss(weights, outcome.columns.logProb);
    // A kept answer is learned as a second one, after another answer, and was sampled as a first one.
    const isTarget = (e: number) => kept[e] === 1;
    const learned = { outcome, loss, rate, terms: { kept }, isTarget, isRearranged: true };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'supervised',
      metrics: { ...sampledMetrics(sampled, learned), 'train/pairs': groups.length },
      traces: sampledTraces(job, 'supervised', sampled, learned),
      tokens: sampled.tokens + (batch?.tokens ?? 0),
    };
  }
}
