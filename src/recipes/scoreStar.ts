// SCoRe's Stage I, then STaR instead of REINFORCE in Stage II: the last row of table 4 of Kumar et al. 2024, arXiv 2409.12917.
//   Stage I   (Eq. 3)  max_θ E[ r(y2, y*) − β2 KL(π_θ(·|x1) ‖ π_ref(·|x1)) ]           (+ β1 KL on attempt 2, Eq. 2)
//   Stage II           max_θ E_{D}[ log π_θ(y2 | x, y1, p) ],  D = traces of the policy after Stage I with r(y1) = 0, r(y2) = 1
// Differs from the paper in:
//  1. Stage II filters once, from the policy Stage I ended with; the paper does not say how often, nor whether D or D+ (`plus`).
//  2. Every step of Stage II samples its own part of D from that frozen policy; the paper does not say for how many epochs.
//  3. Stage I as in recipes/score.ts, with the same free choices (leave-one-out, KL over the full vocabulary, LoRA).
import { dispose } from '@tensorflow/tfjs-core';
import { continued } from '../rollouts/answerContexts';
import { packAnswers } from '../train/answerBatch';
import { copyAside, restartOptimizer } from '../train/asideAdapters';
import { starTraces } from '../train/offlineSets';
import { batchTensors } from '../train/packedBatch';
import { referenceOf } from '../train/policyGradient';
import { warmupConstantDecay } from '../train/schedules';
import { scoreWeights } from '../train/scoreWeights';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { packTwoAttempts } from '../train/twoAttemptBatch';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  plusField,
  problemsField,
  secondsField,
  temperatureField,
} from './fieldKinds';
import { plusPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { scoreStarStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

const beta = (name: string, value: number, en: string, ko: string) =>
  advanced(
    numberField(
      name,
      [value, 0, 100],
      { en: `KL weight ${name === 'beta1' ? 'β1' : 'β2'}`, ko: `KL 가중치 ${name === 'beta1' ? 'β1' : 'β2'}` },
      { en, ko },
    ),
  );

export const scoreStar: Recipe = {
  id: 'score-star',
  title: { en: 'SCoRe with STaR in Stage II', ko: 'SCoRe, 2단계는 STaR' },
  paper: 'Kumar et al. 2024, arXiv 2409.12917, table 4',
  fields: [
    plusField,
    learningRateField(0.001),
    beta('beta1', 0.01, 'Stage I, on attempt 2. Paper: 0.01.', '1단계의 두 번째 시도에 씁니다. 논문: 0.01.'),
    beta('beta2', 0.1, 'Stage I, on attempt 1. Paper: 0.1 (MATH).', '1단계의 첫 시도에 씁니다. 논문: 0.1(MATH).'),
    advanced(
      numberField(
        'stageOneShare',
        [0.43, 0, 1],
        { en: 'Share of Stage I', ko: '1단계 비율' },
        { en: 'Part of all steps. The paper does not say.', ko: '전체 단계 중 비율입니다. 논문에는 없습니다.' },
      ),
    ),
    problemsField(64),
    firstsField(2),
    secondsField(4),
    temperatureField(1, { en: 'Honoured in the loss. Paper: 1.', ko: '손실에도 그대로 씁니다. 논문: 1.' }),
    maxNormField,
    ...adapterFields,
  ],
  presets: plusPresets,
  stages: scoreStarStages,
  adapter: adapterConfig,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, totalSteps, state } = job;
  const { beta1, beta2, problems, firsts, seconds, temperature, learningRate, maxNorm, stageOneShare } =
    settings as Record<string, number>;
  const stageOneSteps = Math.round(totalSteps * stageOneShare);

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const name = step < stageOneSteps ? 'stage_1' : 'star_stage_2';
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;
    if (step === stageOneSteps) {
      copyAside(state, 'stage_one');
      restartOptimizer(state);
    }

    // rollouts
    const amounts = { problems, firsts, seconds, temperature };
    const sampler = step < stageOneSteps ? state.adapter : (state.aside.get('stage_one') ?? null);
    const attempts = await sampleAttempts(job, sampler, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const { rollout, prompts, r1, r2 } = sampled;

    if (step < stageOneSteps) {
      // advantages
      const batch = packTwoAttempts(model, prompts, rollout, task.instruction);
      const tensors = batchTensors(batch);
      const reference = await referenceOf(model, batch, tensors, temperature);
      const logRatio = batch.sampledLogProbs.map((logProb, i) => logProb - reference.logProb[i]);
      const terms = { stage: 1, alpha: 0, beta1, beta2, klInReward: false, group1: firsts, group2: seconds } as const;
      const answers = { first: batch.firstOffsets, second: batch.secondOffsets };
      const credited = scoreWeights({ ...terms, baseline: 'leave_one_out' }, r1, r2, logRatio, answers);

      // loss -> optimizer
      const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0, 0.1);
      const kl = { logits: reference.logits, weights: credited.klWeights };
      const options = { learningRate: rate, maxNorm, temperature, step, kl };
      const update = weightedUpdate(model, state, batch, credited.weights, options);
      const outcome = await update.finally(() => dispose([reference.logits, ...Object.values(tensors)]));
      state.step = step + 1;

      // metric events
      // Attempt 1 earns nothing in Stage I: only its KL holds it.
      const isTarget = (_: number, attempt: number) => attempt === 1 || beta2 > 0;
      const learned = { outcome, loss: null, rate, advantage: credited.advantage2, isTarget };
      const metrics = sampledMetrics(sampled, learned);
      const traces = sampledTraces(job, name, sampled, learned);
      yield { type: 'step.finished' as const, step: state.step, stage: name, metrics, traces, tokens: batch.tokens };
      continue;
    }

    // advantages: none, a trace is kept or it is not
    const r1OfTrace = r2.map((_, e) => r1[Math.floor(e / seconds)]);
    const keptTraces = starTraces(r1OfTrace, r2, settings.plus as boolean);
    const kept = new Uint8Array(r2.length);
    for (const e of keptTraces) kept[e] = 1;
    const groups = keptTraces.map((e) => {
      const first = rollout.first[Math.floor(e / seconds)];
      const prompt = prompts[Math.floor(e / (firsts * seconds))];
      const context = continued(model, prompt, first, task.instruction);
      return { context, answers: [rollout.second[e].tokens] };
    });

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step - stageOneSteps, totalSteps - stageOneSteps, 1, 0.3, 0.1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const weights = batch ? tokenMeanWeights(batch.offsets) : [];
    const outcome =
      batch && (await weightedUpdate(model, state, batch, weights, { learningRate: rate, maxNorm, step }));
    state.step = step + 1;

    // metric events
    const loss = outcome && linearLoss(weights, outcome.columns.logProb);
    const isTarget = (e: number, attempt: number) => kept[e] === 1 && attempt === 1;
    const learned = { outcome, loss, rate, terms: { kept }, isTarget };
    const metrics = sampledMetrics(sampled, learned);
    const traces = sampledTraces(job, name, sampled, learned);
    yield { type: 'step.finished' as const, step: state.step, stage: name, metrics, traces, tokens: sampled.tokens };
  }
}
