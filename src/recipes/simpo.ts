// SimPO: Meng et al. 2024, "Simple Preference Optimization with a Reference-Free Reward", arXiv 2405.14734, Eq. 6.
//   max_θ E_(x, y⁺, y⁻) [ log σ( β/|y⁺| · log π_θ(y⁺|x) − β/|y⁻| · log π_θ(y⁻|x) − γ ) ]
// and its kin, under TRL's names: AlphaPO (arXiv 2501.03884: the reward (1 − P^−α)/α in place of log P, P per token) and CPO (Xu et al.
// 2024, arXiv 2401.08417: sums instead of means, no margin, with the better answer's likelihood), its hinge and IPO forms.
// Pairs are sampled answers to the same context, y⁺ right and y⁻ wrong by the verifier, as in dpo.ts.
// Differs from the paper in:
//  1. The verifier prefers, not a reward model; every step samples its own pairs from the base (`sampler: policy`: from itself).
//  2. By default the better answer's likelihood is added, as CPO does: both answers of a pair differ in a few tokens only and without
//     it would lose their probability together (docs/log.md, DPO). `likelihood` 0 is the paper's.
//  3. Adam on LoRA with a rate for a model of 0.8 M parameters (the paper: AdamW, all weights, 3e-7 to 1e-6; β 2 to 10, γ/β 0.3 to 1.6).

import { CounterRng, counterBits } from '../lib/counterRng';
import { packAnswers } from '../train/answerBatch';
import { referenceFreeWeights } from '../train/referenceFreeLosses';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  secondsField,
  temperatureField,
} from './fieldKinds';
import { simpoPresets } from './methodPresets';
import { pairedAttemptField, pairsField, pairUp } from './preferencePairs';
import { preferenceMetrics } from './preferenceReport';
import type { Job, Recipe } from './recipe';
import { preferenceStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { samplerField } from './samplerField';

const named = (name: string) => ({ en: name, ko: name });

export const simpo: Recipe = {
  id: 'simpo',
  title: { en: 'SimPO', ko: 'SimPO' },
  paper: 'Meng et al. 2024, arXiv 2405.14734',
  fields: [
    pairedAttemptField,
    numberField(
      'beta',
      [2, 0.001, 100],
      { en: 'β', ko: 'β' },
      { en: 'Scale of the reward. Paper: 2 to 10; CPO: 0.1.', ko: '보상의 배율입니다. 논문: 2에서 10, CPO: 0.1.' },
    ),
    numberField(
      'gamma',
      [1, 0, 100],
      { en: 'Target margin γ', ko: '목표 간격 γ' },
      {
        en: 'By how much the better answer’s reward should lead. SimPO only.',
        ko: '나은 답의 보상이 앞서야 하는 폭입니다. SimPO에만 쓰입니다.',
      },
    ),
    numberField(
      'likelihood',
      [1, 0, 100],
      { en: 'Likelihood of the better answer', ko: '나은 답의 우도' },
      {
        en: 'Weight of its cross-entropy, added to the loss (CPO: 1). 0 = plain SimPO.',
        ko: '나은 답의 교차 엔트로피에 곱해 더하는 값입니다(CPO: 1). 0이면 원래 SimPO입니다.',
      },
    ),
    advanced(
      choiceField(
        'loss',
        'simpo',
        {
          simpo: named('SimPO'),
          sigmoid: { en: 'CPO (sums)', ko: 'CPO(합)' },
          hinge: { en: 'hinge (sums)', ko: '힌지(합)' },
          ipo: { en: 'IPO (means)', ko: 'IPO(평균)' },
        },
        { en: 'Loss', ko: '손실' },
        { en: 'SimPO is the paper’s.', ko: 'SimPO가 논문의 것입니다.' },
      ),
    ),
    advanced(
      numberField(
        'alpha',
        [0, -5, 5],
        { en: 'α of AlphaPO', ko: 'AlphaPO의 α' },
        { en: 'Bends the reward. 0 = SimPO.', ko: '보상을 휘게 합니다. 0이면 SimPO입니다.' },
      ),
    ),
    advanced(
      numberField(
        'labelSmoothing',
        [0, 0, 0.499],
        { en: 'Label smoothing', ko: '레이블 평활화' },
        { en: 'Assumed share of swapped pairs.', ko: '순서가 바뀌었다고 보는 짝의 비율입니다.' },
      ),
    ),
    learningRateField(0.0003),
    samplerField,
    pairsField,
    problemsField(64),
    firstsField(2),
    secondsField(4),
    temperatureField(1, { en: 'Of the sampled answers.', ko: '답을 표집할 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  presets: simpoPresets,
  stages: preferenceStages,
  adapter: adapterConfig,
  run,
};

function lossOf(settings: Job['settings']) {
  const { beta, gamma, labelSmoothing, alpha, likelihood } = settings as Record<string, number>;
  const kind = settings.loss as 'simpo' | 'sigmoid' | 'hinge' | 'ipo';
  return { kind, beta, gamma, labelSmoothing, alpha, likelihood };
}

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
    const rng = new CounterRng(seed, counterBits(seed, 0x73696d70, step));
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
