// REINFORCE with a baseline: Williams 1992, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning",
// Machine Learning 8; over whole answers as in Ahmadian et al. 2024, arXiv 2402.14740, section 3.
//   ∇J = E[ (R − b) ∇ log π_θ(y|x) ],   log π of an answer = the SUM over its tokens (one action),   R = r − β Σ_t log π/π_ref
// The plainest member of the family: no clip, no group, no critic. RLOO and GRPO differ in the baseline, PPO learns it.
// Differs from the paper in:
//  1. The baseline b is 0, a constant, or the mean reward of the step's answers (the attempt's own). The moving average of earlier
//     steps, also common, is left out: it would be state that is neither adapter nor optimizer.
//  2. The step's mean contains the answer itself: the expected gradient shrinks by 1 − 1/n; n is 128 by default.
//  3. The KL to the base (its adapter off) is ours, in the REWARD, detached; β 0 = the paper's.
//  4. The verifier's 0 or 1 is the reward. Each attempt earns its own only. Adam on LoRA.
import { continued } from '../rollouts/answerContexts';
import { advantagesOf, meanAndDeviation } from '../train/advantages';
import { packAnswers } from '../train/answerBatch';
import { reinforceWeights } from '../train/groupLosses';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss } from '../train/tokenLikelihood';
import { sumPerAnswer } from '../train/twoAttemptBatch';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { groupLoad } from './batchLoad';
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
import { attemptsField } from './grpoFields';
import { reinforceStages } from './methodStages';
import type { Job, Recipe } from './recipe';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const reinforce: Recipe = {
  id: 'reinforce',
  title: { en: 'REINFORCE', ko: 'REINFORCE' },
  paper: 'Williams 1992, Machine Learning 8, 229–256',
  fields: [
    {
      ...attemptsField,
      help: { en: 'Each attempt earns its own reward only.', ko: '각 시도는 자기 보상만 받습니다.' },
    },
    choiceField(
      'baseline',
      'batch_mean',
      {
        batch_mean: { en: 'mean reward of the step', ko: '단계의 평균 보상' },
        constant: { en: 'a constant', ko: '상수' },
        none: { en: 'none', ko: '없음' },
      },
      { en: 'Baseline', ko: '기준값' },
      {
        en: 'Subtracted from every reward. None: only right answers teach, all upwards.',
        ko: '모든 보상에서 뺍니다. 없음: 맞은 답만 가르치며 모두 확률을 올립니다.',
      },
    ),
    advanced(
      numberField(
        'constant',
        [0.5, -10, 10],
        { en: 'The constant', ko: '상수 값' },
        { en: 'With the baseline “a constant” only.', ko: '기준값이 상수일 때만 쓰입니다.' },
      ),
    ),
    learningRateField(0.001),
    numberField(
      'beta',
      [0, 0, 10],
      { en: 'KL weight β', ko: 'KL 가중치 β' },
      {
        en: 'Log ratio to the base, in the reward. 0 = off.',
        ko: '기준 모델과의 로그 비율을 보상에서 뺍니다. 0이면 끕니다.',
      },
    ),
    problemsField(64),
    firstsField(2),
    secondsField(2),
    temperatureField(1, { en: 'Honoured in the loss.', ko: '손실에도 그대로 씁니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: reinforceStages,
  adapter: adapterConfig,
  load: groupLoad,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, totalSteps, state } = job;
  const { problems, firsts, temperature, learningRate, maxNorm, beta, constant } = settings as Record<string, number>;
  const seconds = settings.attempts === 'first' ? 0 : (settings.seconds as number);
  const learnsFirst = settings.attempts !== 'second';
  yield { type: 'stage.entered' as const, step: state.step, stage: 'reinforce' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds, temperature };
    const attempts = await sampleAttempts(job, state.adapter, step, amounts);
    const { rollout, prompts } = attempts;
    const turns = [...(learnsFirst ? rollout.first : []), ...rollout.second];
    const groups1 = (learnsFirst ? prompts : []).map((context, p) => ({
      context,
      answers: rollout.first.slice(p * firsts, (p + 1) * firsts).map((turn) => turn.tokens),
    }));
    const groups2 = (seconds > 0 ? rollout.first : []).map((first, f) => ({
      context: continued(model, prompts[Math.floor(f / firsts)], first, task.instruction),
      answers: rollout.second.slice(f * seconds, (f + 1) * seconds).map((turn) => turn.tokens),
    }));
    const batch = packAnswers([...groups1, ...groups2], model.chat.endId);
    const old = Float32Array.from(turns.flatMap((turn) => [...turn.logProbs]));
    const reference = beta > 0 ? await logProbsOf(model, null, batch, temperature) : null;

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const rewards = [...(learnsFirst ? sampled.r1 : []), ...sampled.r2];
    const differences = reference ? old.map((logProb, i) => logProb - reference[i]) : new Float32Array(old.length);
    const k1 = sumPerAnswer(differences, batch.offsets);
    const credits = rewards.map((reward, a) => reward - beta * k1[a]);

    // advantages
    const count1 = learnsFirst ? sampled.r1.length : 0;
    const centred = (list: number[]) => {
      if (settings.baseline === 'constant') return Float64Array.from(list, (credit) => credit - constant);
      return advantagesOf(list, Math.max(1, list.length), settings.baseline as 'batch_mean' | 'none');
    };
    const advantages1 = count1 > 0 ? centred(credits.slice(0, count1)) : new Float64Array(0);
    const advantages2 = seconds > 0 ? centred(credits.slice(count1)) : new Float64Array(0);
    const advantages = [...advantages1, ...advantages2];

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const weights = reinforceWeights(advantages, batch.offsets);
    const told = { logProbs: old, tolerance: job.logProbTolerance };
    const options = { learningRate: rate, maxNorm, temperature, step, sampled: told };
    const outcome = await weightedUpdate(model, state, batch, weights, options);
    state.step = step + 1;

    // metric events
    const metrics = {
      kl: reference ? meanAndDeviation(differences).mean : null,
      'sampling/sampling_logp_difference/max': outcome.mismatch,
    };
    const advantage = seconds > 0 ? advantages2 : advantages1;
    const isTarget = (_: number, attempt: number) => attempt === 1 || learnsFirst;
    const loss = linearLoss(weights, old);
    const learned = { outcome, loss, rate, advantage, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'reinforce',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'reinforce', sampled, learned),
      tokens: batch.tokens,
    };
  }
}
