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
import { continued } from '../rollouts/answerContexts';
import { type AnswerGroup, packAnswers } from '../train/answerBatch';
import { pickSome } from '../train/offlineSets';
import { type PreferenceLoss, preferenceWeights } from '../train/preferenceLosses';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  integerField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  secondsField,
  temperatureField,
} from './fieldKinds';
import { dpoPresets } from './methodPresets';
import { preferenceMetrics } from './preferenceReport';
import type { Job, Recipe } from './recipe';
import { preferenceStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

const named = (name: string) => ({ en: name, ko: name });
const LOSSES = ['sigmoid', 'hinge', 'ipo', 'robust', 'exo_pair', 'nca_pair', 'bco_pair', 'sppo_hard', 'apo_zero'];

export const dpo: Recipe = {
  id: 'dpo',
  title: { en: 'DPO', ko: 'DPO' },
  paper: 'Rafailov et al. 2023, arXiv 2305.18290',
  fields: [
    choiceField(
      'attempt',
      'second',
      { first: { en: 'first attempts', ko: '첫 시도' }, second: { en: 'second attempts', ko: '두 번째 시도' } },
      { en: 'Pairs of', ko: '짝을 이루는 답' },
      {
        en: 'Second: revisions of the very same first answer.',
        ko: '두 번째: 같은 첫 답을 고친 답끼리 짝을 이룹니다.',
      },
    ),
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
        Object.fromEntries([...LOSSES, 'apo_down', 'sigmoid_norm', 'conservative'].map((name) => [name, named(name)])),
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
        { en: 'For robust, exo_pair and conservative only.', ko: 'robust, exo_pair, conservative에만 쓰입니다.' },
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
    advanced(
      integerField(
        'pairs',
        [2, 1, 64],
        { en: 'Pairs per context', ko: '맥락당 짝의 수' },
        { en: 'Chosen at random.', ko: '무작위로 고릅니다.' },
      ),
    ),
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
  const { model, task, settings, seed, totalSteps, state } = job;
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
    const { rollout, prompts } = sampled;
    const [turns, rewards, size] =
      seconds > 0 ? [rollout.second, sampled.r2, seconds] : [rollout.first, sampled.r1, firsts];

    // advantages: none, answers to one context are paired
    const rng = new CounterRng(seed, counterBits(seed, 0x64706f00, step));
    const preferred = new Float32Array(turns.length).fill(Number.NaN);
    const groups: AnswerGroup[] = [];
    const pairs: [number, number][] = [];
    for (let start = 0; start < turns.length; start += size) {
      const members = Array.from({ length: size }, (_, k) => start + k);
      const all = members
        .filter((right) => rewards[right] === 1)
        .flatMap((right) => members.filter((wrong) => rewards[wrong] === 0).map((wrong) => [right, wrong]));
      const chosen = pickSome(all, most, rng);
      if (chosen.length === 0) continue;
      const first = Math.floor(start / size);
      const prompt = prompts[seconds > 0 ? Math.floor(first / firsts) : first];
      const context = seconds > 0 ? continued(model, prompt, rollout.first[first], task.instruction) : prompt;
      for (const [right, wrong] of chosen) {
        pairs.push([2 * pairs.length, 2 * pairs.length + 1]);
        preferred[right] = 1;
        preferred[wrong] = 0;
      }
      groups.push({ context, answers: chosen.flat().map((index) => turns[index].tokens) });
    }

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
