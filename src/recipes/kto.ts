// KTO: Ethayarajh et al. 2024, "Model Alignment as Prospect Theoretic Optimization", arXiv 2402.01306, Eq. 7.
//   L = E[ λ_y − v(x, y) ],   r_θ(x, y) = log π_θ(y|x)/π_ref(y|x),   z₀ = KL(π_θ(y'|x) ‖ π_ref(y'|x)), a constant to the gradient
//   v = λ_D σ(β (r_θ − z₀)) for desirable answers,   λ_U σ(β (z₀ − r_θ)) for undesirable ones
// No pairs: every sampled answer is desirable or not by itself, so contexts whose answers are all right or all wrong count too.
// Differs from the paper in:
//  1. The verifier judges. Every step samples its own answers from the base (`sampler: policy`: from itself); no fixed set.
//  2. z₀ is estimated as in TRL, from mismatched answers (those of the context before, round the step), clamped at 0; one of each
//     context's answers instead of all. A single context has no other: z₀ = 0.
//  3. By default desirable and undesirable answers are weighed so that both classes count the same (λ_D n_D = λ_U n_U; the paper
//     advises a ratio of 1 to 1.33), as right answers are rarer among second attempts. `balance` off: λ_D and λ_U as set.
//  4. π_ref is the base, its adapter off. Adam on LoRA with a rate for a model of 0.8 M parameters.
import { continued } from '../rollouts/answerContexts';
import { meanAndDeviation } from '../train/advantages';
import { packAnswers } from '../train/answerBatch';
import { warmupConstantDecay } from '../train/schedules';
import { referencePoint, unpairedWeights } from '../train/unpairedLosses';
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
  switchField,
  temperatureField,
} from './fieldKinds';
import { judgedStages } from './methodStages';
import { pairedAttemptField } from './preferencePairs';
import type { Job, Recipe } from './recipe';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { samplerField } from './samplerField';

export const kto: Recipe = {
  id: 'kto',
  title: { en: 'KTO', ko: 'KTO' },
  paper: 'Ethayarajh et al. 2024, arXiv 2402.01306',
  fields: [
    {
      ...pairedAttemptField,
      label: { en: 'Answers judged', ko: '판정하는 답' },
      help: { en: 'Each by itself, right or wrong.', ko: '답마다 따로 맞음과 틀림을 판정합니다.' },
    },
    numberField(
      'beta',
      [0.1, 0.001, 10],
      { en: 'β', ko: 'β' },
      { en: 'How closely the base is kept. Paper: 0.1.', ko: '기준 모델에 붙드는 정도입니다. 논문: 0.1.' },
    ),
    switchField(
      'balance',
      true,
      { en: 'Both classes count the same', ko: '두 부류를 같은 무게로' },
      {
        en: 'Weighs right and wrong answers by how many there are. Off: the two weights below.',
        ko: '맞은 답과 틀린 답의 수에 따라 무게를 나눕니다. 끄면 아래 두 값을 씁니다.',
      },
    ),
    advanced(
      numberField(
        'desirable',
        [1, 0, 100],
        { en: 'λ_D', ko: 'λ_D' },
        { en: 'Weight of right answers.', ko: '맞은 답의 가중치입니다.' },
      ),
    ),
    advanced(
      numberField(
        'undesirable',
        [1, 0, 100],
        { en: 'λ_U', ko: 'λ_U' },
        { en: 'Weight of wrong answers.', ko: '틀린 답의 가중치입니다.' },
      ),
    ),
    advanced(
      choiceField(
        'loss',
        'kto',
        { kto: { en: 'KTO', ko: 'KTO' }, apo_zero_unpaired: { en: 'APO-zero', ko: 'APO-zero' } },
        { en: 'Loss', ko: '손실' },
        { en: 'APO-zero has no reference point and no weights.', ko: 'APO-zero에는 기준점과 가중치가 없습니다.' },
      ),
    ),
    learningRateField(0.0003),
    samplerField,
    problemsField(32),
    firstsField(2),
    secondsField(4),
    temperatureField(1, { en: 'Of the sampled answers.', ko: '답을 표집할 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: judgedStages,
  adapter: adapterConfig,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, totalSteps, state } = job;
  const { problems, firsts, temperature, learningRate, maxNorm, beta } = settings as Record<string, number>;
  const seconds = settings.attempt === 'second' ? (settings.seconds as number) : 0;
  yield { type: 'stage.entered' as const, step: state.step, stage: 'judged' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds, temperature };
    const sampler = settings.sampler === 'policy' ? state.adapter : null;
    const attempts = await sampleAttempts(job, sampler, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const { rollout, prompts } = sampled;
    const [turns, rewards, size] =
      seconds > 0 ? [rollout.second, sampled.r2, seconds] : [rollout.first, sampled.r1, firsts];

    // advantages: none, an answer is desirable or it is not
    const isDesirable = Array.from(rewards, (reward) => reward === 1);
    const good = isDesirable.filter(Boolean).length;
    const half = (count: number) => isDesirable.length / (2 * Math.max(1, count));
    const desirableWeight = settings.balance ? half(good) : (settings.desirable as number);
    const undesirableWeight = settings.balance ? half(isDesirable.length - good) : (settings.undesirable as number);
    const contexts =
      seconds > 0
        ? rollout.first.map((turn, f) => continued(model, prompts[Math.floor(f / firsts)], turn, task.instruction))
        : prompts;
    const groups = contexts.map((context, g) => ({
      context,
      answers: turns.slice(g * size, (g + 1) * size).map((turn) => turn.tokens),
    }));
    const mismatched = groups.map(({ context }, g) => ({
      context,
      answers: groups[(g + groups.length - 1) % groups.length].answers.slice(0, 1),
    }));

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const hasPoint = settings.loss === 'kto' && groups.length > 1;
    const others = hasPoint ? packAnswers(mismatched, model.chat.endId) : null;
    const policyOfOthers = others && (await logProbsOf(model, state.adapter, others));
    const baseOfOthers = others && (await logProbsOf(model, null, others));
    const differences = policyOfOthers?.map((lp, i) => lp - baseOfOthers![i]) ?? [];
    const z0 = referencePoint(differences, mismatched.length);
    const batch = packAnswers(groups, model.chat.endId);
    const current = await logProbsOf(model, state.adapter, batch);
    const reference = await logProbsOf(model, null, batch);
    const kind = settings.loss as 'kto' | 'apo_zero_unpaired';
    const loss = { kind, beta, desirableWeight, undesirableWeight };
    const found = unpairedWeights(loss, current, reference, batch.offsets, isDesirable, z0);
    const outcome = await weightedUpdate(model, state, batch, found.weights, { learningRate: rate, maxNorm, step });
    state.step = step + 1;

    // metric events
    const meanReward = (wanted: boolean) => {
      const list = found.rewards.filter((_, a) => isDesirable[a] === wanted);
      return list.length > 0 ? meanAndDeviation(list).mean : null;
    };
    const [chosen, rejected] = [meanReward(true), meanReward(false)];
    const metrics = {
      kl: hasPoint ? z0 : null,
      'rewards/chosen': chosen,
      'rewards/rejected': rejected,
      'rewards/margins': chosen === null || rejected === null ? null : chosen - rejected,
    };
    const judged = seconds > 0 ? 1 : 0;
    const isTarget = (_: number, attempt: number) => attempt === judged;
    const terms = { preferred: Float32Array.from(rewards) };
    const learned = { outcome, loss: found.loss, rate, terms, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'judged',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'judged', sampled, learned),
      tokens: sampled.tokens + batch.tokens,
    };
  }
}
