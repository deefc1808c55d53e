// SPIN: Chen et al. 2024, "Self-Play Fine-Tuning", arXiv 2401.01335, Eq. 4.7.
//   L(θ, θ_t) = E_{x, y ~ p_data(·|x), y' ~ p_θt(·|x)} [ ℓ( λ log p_θ(y|x)/p_θt(y|x) − λ log p_θ(y'|x)/p_θt(y'|x) ) ],  ℓ(t) = log(1 + e^−t)
//   θ_{t+1} = argmin_θ L(θ, θ_t): the player learns to tell data from its own earlier samples; then it becomes the opponent.
// No reward: y is what the task's solver writes, y' what the opponent wrote; the verifier only watches.
// Differs from the paper in:
//  1. Every step samples its own pairs from the frozen opponent; no pair is used twice (the paper: 50k pairs, and from the second
//     iteration on also those of the iteration before, left out here).
//  2. Adam on LoRA with a rate for a model of 0.8 M parameters (the paper: RMSProp); λ is the same in all iterations.
import { CounterRng, counterBits } from '../lib/counterRng';
import { answerTokens, packAnswers } from '../train/answerBatch';
import { copyAside } from '../train/asideAdapters';
import { iterationStarts } from '../train/offlineSets';
import { type PreferenceLoss, preferenceWeights } from '../train/preferenceLosses';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { attemptsLoad } from './batchLoad';
import {
  advanced,
  choiceField,
  iterationsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import { preferenceMetrics } from './preferenceReport';
import type { Job, Recipe } from './recipe';
import { iterationStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const spin: Recipe = {
  id: 'spin',
  title: { en: 'SPIN (self-play)', ko: 'SPIN(자기 대국)' },
  paper: 'Chen et al. 2024, arXiv 2401.01335',
  fields: [
    iterationsField(3, {
      en: 'In each, the opponent is the policy at its beginning. Paper: up to 4.',
      ko: '반복이 시작될 때의 모델이 상대가 됩니다. 논문: 최대 4.',
    }),
    numberField(
      'lambda',
      [0.1, 0.001, 100],
      { en: 'λ', ko: 'λ' },
      { en: 'How closely the opponent is kept. Paper: 0.1.', ko: '상대 모델에 붙드는 정도입니다. 논문: 0.1.' },
    ),
    advanced(
      choiceField(
        'loss',
        'sigmoid',
        {
          sigmoid: { en: 'logistic', ko: '로지스틱' },
          hinge: { en: 'hinge', ko: '힌지' },
          exponential: { en: 'exponential', ko: '지수' },
          correlation: { en: '(1 − t)²', ko: '(1 − t)²' },
          linear: { en: 'linear (unbounded)', ko: '선형(한계 없음)' },
        },
        { en: 'ℓ', ko: 'ℓ' },
        {
          en: 'Any convex falling function will do; the paper trains with the logistic one.',
          ko: '볼록한 감소 함수면 되며, 논문은 로지스틱으로 학습합니다.',
        },
      ),
    ),
    learningRateField(0.0003),
    problemsField(128),
    temperatureField(1, {
      en: 'Of the opponent. The paper does not say.',
      ko: '상대가 표집할 때의 온도입니다. 논문에는 없습니다.',
    }),
    maxNormField,
    ...adapterFields,
  ],
  stages: iterationStages,
  adapter: adapterConfig,
  load: (settings, lengths) => attemptsLoad(settings, lengths, 2),
  run,
};

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state } = job;
  const { problems, iterations, lambda, temperature, learningRate, maxNorm } = settings as Record<string, number>;
  const { solve } = task;
  if (!solve)
    throw new RangeError(`spin: expected a task that knows right answers, ${task.id} does not. Choose another task.`);
  const starts = iterationStarts(totalSteps, iterations);

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const iteration = starts.findLastIndex((start) => step >= start);
    const name = `iteration_${iteration + 1}`;
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;
    if (step > 0 && step === starts[iteration]) copyAside(state, 'opponent');

    // rollouts
    const opponent = state.aside.get('opponent') ?? null;
    const amounts = { problems, firsts: 1, seconds: 0, temperature };
    const attempts = await sampleAttempts(job, opponent, step, amounts);
    const rng = new CounterRng(seed, counterBits(seed, 0x7370696e, step));
    const real = attempts.drawn.map((problem) => answerTokens(model, solve(rng, problem)));

    // rewards: none are learned from; the verifier watches the opponent
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, data is preferred to samples
    const groups = attempts.prompts.map((context, p) => ({
      context,
      answers: [real[p], attempts.rollout.first[p].tokens],
    }));
    const pairs = groups.map((_, p): [number, number] => [2 * p, 2 * p + 1]);

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = packAnswers(groups, model.chat.endId);
    const current = await logProbsOf(model, state.adapter, batch);
    const reference = await logProbsOf(model, opponent, batch);
    const preferences = {
      kind: settings.loss as PreferenceLoss,
      beta: lambda,
      labelSmoothing: 0,
      likelihood: 0,
      pairs,
    };
    const found = preferenceWeights(preferences, current, reference, batch.offsets);
    const outcome = await weightedUpdate(model, state, batch, found.weights, { learningRate: rate, maxNorm, step });
    state.step = step + 1;

    // metric events
    const { 'rewards/chosen': ofData, 'rewards/rejected': ofSamples, ...others } = preferenceMetrics(found);
    const metrics = { ...others, 'rewards/real': ofData, 'rewards/generated': ofSamples };
    // Of each pair only the opponent's answer is a sample; the solver's is in no trace.
    const learned = { outcome, loss: found.loss, rate, metrics, isTarget: () => true };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: name,
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, name, sampled, learned),
      tokens: sampled.tokens + batch.tokens,
    };
  }
}
