// ORPO, odds ratio preference optimisation: Hong et al. 2024, "ORPO: Monolithic Preference Optimization without Reference Model",
// arXiv 2403.07691, Eq. 6 and 7.
//   L = E[ L_SFT(y⁺) + λ · L_OR ],   L_OR = −log σ( log odds_θ(y⁺|x) − log odds_θ(y⁻|x) ),   odds = P / (1 − P)
//   log P(y|x) = (1/|y|) Σ_t log π_θ(y_t|x, y_<t): a mean per token; no reference policy is loaded
// Pairs are sampled answers to the same context, y⁺ right and y⁻ wrong by the verifier, as in dpo.ts.
// Differs from the paper in:
//  1. The verifier prefers, not a person; contexts whose samples are all right or all wrong give no pair. Every step samples its own
//     pairs from the base (the paper: a fixed set); `sampler: policy` asks the policy itself.
//  2. L_SFT covers the better answer only (TRL: its prompt too), and is the mean over the tokens of all better answers.
//  3. Adam on LoRA with a rate for a model of 0.8 M parameters (the paper: AdamW, all weights, 8e-6, λ 0.1 to 0.25).

import { CounterRng, counterBits } from '../lib/counterRng';
import { packAnswers } from '../train/answerBatch';
import { referenceFreeWeights } from '../train/referenceFreeLosses';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  secondsField,
  temperatureField,
} from './fieldKinds';
import { pairedAttemptField, pairsField, pairUp } from './preferencePairs';
import { preferenceMetrics } from './preferenceReport';
import type { Job, Recipe } from './recipe';
import { preferenceStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { samplerField } from './samplerField';

export const orpo: Recipe = {
  id: 'orpo',
  title: { en: 'ORPO', ko: 'ORPO' },
  paper: 'Hong et al. 2024, arXiv 2403.07691',
  fields: [
    pairedAttemptField,
    numberField(
      'beta',
      [0.1, 0, 10],
      { en: 'λ, weight of the odds ratio', ko: '오즈비의 가중치 λ' },
      {
        en: 'Paper: 0.1 to 0.25. 0 = only the better answers’ likelihood.',
        ko: '논문: 0.1에서 0.25. 0이면 나은 답의 우도만 배웁니다.',
      },
    ),
    learningRateField(0.0005),
    samplerField,
    pairsField,
    problemsField(64),
    firstsField(2),
    secondsField(4),
    temperatureField(1, { en: 'Of the sampled answers.', ko: '답을 표집할 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: preferenceStages,
  adapter: adapterConfig,
  run,
};

const lossOf = ({ beta }: Job['settings']) =>
  ({ kind: 'orpo', beta: beta as number, gamma: 0, labelSmoothing: 0, alpha: 0, likelihood: 1 }) as const;

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { problems, firsts, pairs: most, temperature, learningRate, maxNorm } = settings as Record<string, number>;
  const seconds = settings.attempt === 'second' ? (settings.seconds as number) : 0;
  yield { type: 'stage.entered' as const, step: state.step, stage: 'preferences' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds, temperature };
    const sampler = settings.sampler === 'policy' ? state.adapter : null;
    const attempts = await sampleAttempts(job, sampler, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, answers to one context are paired
    const rng = new CounterRng(seed, counterBits(seed, 0x6f72706f, step));
    const { groups, pairs, preferred } = pairUp(job, sampled, most, rng);

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const current = batch && (await logProbsOf(model, state.adapter, batch));
    const found = batch && current && referenceFreeWeights({ ...lossOf(settings), pairs }, current, batch.offsets);
    const options = { learningRate: rate, maxNorm, step };
    const outcome = batch && found && (await weightedUpdate(model, state, batch, found.weights, options));
    state.step = step + 1;

    // metric events
    const metrics = { 'train/pairs': pairs.length, ...(found ? preferenceMetrics(found) : {}) };
    const judged = seconds > 0 ? 1 : 0;
    const isTarget = (e: number, attempt: number) => attempt === judged && !Number.isNaN(preferred[e]);
    const learned = { outcome, loss: found?.loss ?? null, rate, terms: { preferred }, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'preferences',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'preferences', sampled, learned),
      tokens: sampled.tokens + (batch?.tokens ?? 0),
    };
  }
}
