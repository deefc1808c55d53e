// DPO: Rafailov et al. 2023, "Direct Preference Optimization", arXiv 2305.18290, Eq. 7; variants under TRL's names.
//   max_θ E_(x, y⁺, y⁻) [ log σ( β log π_θ(y⁺|x)/π_ref(y⁺|x) − β log π_θ(y⁻|x)/π_ref(y⁻|x) ) ],  π_ref = the base, its adapter off
// Pairs are samples of the base to the same context, y⁺ right and y⁻ wrong by the verifier. As "context" the problem alone, or the
// problem with a first answer and the instruction: then it is the better of two revisions of the very same answer.
// Differs from the paper in:
//  1. The verifier prefers, not a person. Contexts whose samples are all right or all wrong give no pair.
//  2. Every step samples its own pairs from the base; no pair is used twice (the paper: a fixed set).
//  3. By default the cross-entropy of y⁺ is added (RPO, Pang et al. 2024, arXiv 2404.19733): with the plain loss both answers of a pair,
//     which differ in a few tokens only, lost their probability within 20 steps (greedy Acc@t2 51 → 3). `likelihood` 0 is the paper's.
//  4. Adam on LoRA with a rate for a model of 0.8 M parameters (the paper: RMSprop, 1e-6, all weights).

import { CounterRng, counterBits } from '../lib/counterRng';
import { packAnswers } from '../train/answerBatch';
import { type PreferenceLoss, preferenceWeights } from '../train/preferenceLosses';
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
import { dpoPresets } from './methodPresets';
import { pairedAttemptField, pairsField, pairUp } from './preferencePairs';
import { preferenceMetrics } from './preferenceReport';
import type { Job, Recipe } from './recipe';
import { preferenceStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

const named = (name: string) => ({ en: name, ko: name });
const LOSSES = [
  ...['sigmoid', 'hinge', 'ipo', 'ipo_sums', 'robust', 'exo_pair', 'nca_pair', 'bco_pair', 'sppo_hard', 'apo_zero'],
  ...['apo_down', 'sigmoid_norm', 'conservative', 'discopop', 'aot', 'aot_unpaired', 'forward_kl', 'js_divergence'],
];

export const dpo: Recipe = {
  id: 'dpo',
  title: { en: 'DPO', ko: 'DPO' },
  paper: 'Rafailov et al. 2023, arXiv 2305.18290',
  fields: [
    pairedAttemptField,
    numberField(
      'beta',
      [0.1, 0.001, 10],
      { en: 'β', ko: 'β' },
      { en: 'How closely the base is kept. Paper: 0.1.', ko: '기준 모델에 붙드는 정도입니다. 논문: 0.1.' },
    ),
    advanced(
      choiceField(
        'loss',
        'sigmoid',
        Object.fromEntries(LOSSES.map((name) => [name, named(name)])),
        { en: 'Loss', ko: '손실' },
        {
          en: 'sigmoid is the paper’s; the others under TRL’s names.',
          ko: 'sigmoid가 논문의 것이고 나머지는 TRL의 이름입니다.',
        },
      ),
    ),
    advanced(
      numberField(
        'labelSmoothing',
        [0.1, 0.001, 0.499],
        { en: 'Label smoothing', ko: '레이블 평활화' },
        {
          en: 'For robust, exo_pair, conservative, aot and aot_unpaired only.',
          ko: 'robust, exo_pair, conservative, aot, aot_unpaired에만 쓰입니다.',
        },
      ),
    ),
    numberField(
      'likelihood',
      [1, 0, 100],
      { en: 'Likelihood of the better answer', ko: '나은 답의 우도' },
      {
        en: 'Weight of its cross-entropy, added to the loss (RPO). 0 = plain DPO, which here unlearns both answers of a pair.',
        ko: '나은 답의 교차 엔트로피에 곱해 더하는 값입니다(RPO). 0이면 원래 DPO이며, 여기서는 짝의 두 답을 모두 잊습니다.',
      },
    ),
    learningRateField(0.0003),
    pairsField,
    problemsField(64),
    firstsField(2),
    secondsField(4),
    temperatureField(1, { en: 'Of the base’s samples.', ko: '기준 모델이 표집할 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  presets: dpoPresets,
  stages: preferenceStages,
  adapter: adapterConfig,
  run,
};

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const {
    problems,
    firsts,
    pairs: most,
    temperature,
    learningRate,
    maxNorm,
    beta,
    labelSmoothing,
    likelihood,
  } = settings as Record<string, number>;
  const seconds = settings.attempt === 'second' ? (settings.seconds as number) : 0;
  yield { type: 'stage.entered' as const, step: state.step, stage: 'preferences' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds, temperature };
    const attempts = await sampleAttempts(job, null, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, answers to one context are paired
    const rng = new CounterRng(seed, counterBits(seed, 0x64706f00, step));
    const { groups, pairs, preferred } = pairUp(job, sampled, most, rng);

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const preferences = { kind: settings.loss as PreferenceLoss, beta, labelSmoothing, likelihood, pairs };
    const current = batch && (await logProbsOf(model, state.adapter, batch));
    const reference = batch && (await logProbsOf(model, null, batch));
    const found = batch && current && reference && preferenceWeights(preferences, current, reference, batch.offsets);
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
