// RLOO, KL-regularised REINFORCE: Ahmadian et al. 2024, "Back to Basics", arXiv 2402.14740, with the clip of TRL's RLOOTrainer.
//   max_θ E[ R ],  R_i = r_i − β Σ_t [ log π_old(y_it) − log π_ref(y_it) ],  A_i = R_i − mean_{j ≠ i} R_j over the other samples
//   loss = −mean_i min(ρ_i A_i, clip(ρ_i, 1 − ε, 1 + ε) A_i),   ρ_i = π_θ(y_i) / π_old(y_i): one ratio per answer
// The KL is in the REWARD (k1, detached), where its gradient is that of KL(π ‖ π_ref); π_ref = the base, its adapter off.
// Differs from the paper in:
//  1. The clip and further updates per sample are TRL's; with one update per sample the clip never holds.
//  2. A group's context may be the problem with one first answer and the instruction (each attempt earns its own reward only).
//  3. The verifier's 0 or 1 is the reward. LoRA; rates and amounts fit a model of 0.8 M parameters.
import { continued } from '../rollouts/answerContexts';
import { advantagesOf, meanAndDeviation, zeroSpreadShare } from '../train/advantages';
import { packAnswers } from '../train/answerBatch';
import { sequenceWeights } from '../train/groupLosses';
import { warmupConstantDecay } from '../train/schedules';
import { sumPerAnswer } from '../train/twoAttemptBatch';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { groupLoad } from './batchLoad';
import {
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  secondsField,
  temperatureField,
} from './fieldKinds';
import { attemptsField, epsilonField, updatesField } from './grpoFields';
import type { Job, Recipe } from './recipe';
import { rlooStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const rloo: Recipe = {
  id: 'rloo',
  title: { en: 'RLOO (REINFORCE with KL)', ko: 'RLOO(KL을 둔 REINFORCE)' },
  paper: 'Ahmadian et al. 2024, arXiv 2402.14740',
  fields: [
    attemptsField,
    learningRateField(0.001),
    numberField(
      'beta',
      [0.05, 0, 10],
      { en: 'KL weight β', ko: 'KL 가중치 β' },
      {
        en: 'Log ratio to the base, in the reward. TRL: 0.05.',
        ko: '기준 모델과의 로그 비율을 보상에서 뺍니다. TRL: 0.05.',
      },
    ),
    epsilonField('epsilonLow'),
    epsilonField('epsilonHigh'),
    updatesField,
    problemsField(32),
    firstsField(4),
    secondsField(4),
    temperatureField(1, { en: 'Honoured in the loss.', ko: '손실에도 그대로 씁니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: rlooStages,
  adapter: adapterConfig,
  load: groupLoad,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, totalSteps, state } = job;
  const { problems, firsts, updates, temperature, learningRate, maxNorm, beta, epsilonLow, epsilonHigh } =
    settings as Record<string, number>;
  const seconds = settings.attempts === 'first' ? 0 : (settings.seconds as number);
  const learnsFirst = settings.attempts !== 'second';
  yield { type: 'stage.entered' as const, step: state.step, stage: 'rloo' };

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
    const reference = await logProbsOf(model, null, batch, temperature);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const k1 = sumPerAnswer(
      old.map((logProb, i) => logProb - reference[i]),
      batch.offsets,
    );
    const rewards = [...(learnsFirst ? sampled.r1 : []), ...sampled.r2];
    const credits = rewards.map((reward, a) => reward - beta * k1[a]);

    // advantages
    const count1 = learnsFirst ? sampled.r1.length : 0;
    const advantages1 = advantagesOf(credits.slice(0, count1), firsts, 'leave_one_out');
    const advantages2 = advantagesOf(credits.slice(count1), Math.max(1, seconds), 'leave_one_out');
    const advantages = [...advantages1, ...advantages2];

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const options = { learningRate: rate, maxNorm, temperature, step };
    const told = { logProbs: old, tolerance: job.logProbTolerance };
    let found = sequenceWeights(epsilonLow, epsilonHigh, old, old, advantages, batch.offsets);
    let outcome = await weightedUpdate(model, state, batch, found.weights, { ...options, sampled: told });
    const mismatch = outcome.mismatch;
    for (let update = 1; update < updates; update++) {
      const current = await logProbsOf(model, state.adapter, batch, temperature);
      found = sequenceWeights(epsilonLow, epsilonHigh, current, old, advantages, batch.offsets);
      outcome = await weightedUpdate(model, state, batch, found.weights, options);
    }
    state.step = step + 1;

    // metric events
    const isTwo = seconds > 0;
    const metrics = {
      // token mean of k1: may be negative
      kl: meanAndDeviation(old.map((logProb, i) => logProb - reference[i])).mean,
      frac_reward_zero_std: isTwo ? zeroSpreadShare(sampled.r2, seconds) : zeroSpreadShare(sampled.r1, firsts),
      'sampling/sampling_logp_difference/max': mismatch,
    };
    const terms = { credit: credits.slice(isTwo ? count1 : 0) };
    const advantage = isTwo ? advantages2 : advantages1;
    const isTarget = (_: number, attempt: number) => attempt === 1 || learnsFirst;
    const learned = { outcome, loss: found.loss, rate, terms, advantage, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'rloo',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'rloo', sampled, learned),
      tokens: batch.tokens,
    };
  }
}
