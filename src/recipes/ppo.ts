// PPO with a critic: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", arXiv 1707.06347, Eq. 7 and 9, for language models
// as in Ouyang et al. 2022, arXiv 2203.02155, in the forms of TRL 0.24.
//   max_θ E_t[ min(ρ_t Â_t, clip(ρ_t, 1 − ε, 1 + ε) Â_t) ] − c_v · ½ E_t[ max((V − R_t)², (clip(V, V_old ± ε_v) − R_t)²) ]
//   r_t = −β log π_old/π_ref (token t) + [t is last] · reward,   Â_t = Σ_l (γλ)^l δ_{t+l} (Schulman et al. 2015, arXiv 1506.02438), whitened
// Every token is a state and an action: an answer's reward reaches its earlier tokens through the critic V. A state is all that was read.
// Differs from the paper in:
//  1. The critic is a linear head on the policy's own hidden states, and its gradient reaches the shared layers (TRL 0.24: a model of its
//     own). It starts at 0 everywhere.
//  2. The verifier's 0 or 1 is the reward; each attempt is an episode of its own and earns its own reward only.
//  3. One mini-batch; `updates` passes over it. Advantages of both attempts are whitened together.
//  4. LoRA; rates and amounts fit a model of 0.8 M parameters (TRL: 3e-6; β 0.05, γ 1, λ 0.95, ε 0.2, c_v 0.1, 4 passes).
import { continued } from '../rollouts/answerContexts';
import { actorCriticUpdate, criticColumns, ensureCritic } from '../train/actorCritic';
import { meanAndDeviation } from '../train/advantages';
import { packAnswers } from '../train/answerBatch';
import { actorCriticWeights, generalisedAdvantages, tokenRewards, whitened } from '../train/ppoLosses';
import { warmupConstantDecay } from '../train/schedules';
import { sumPerAnswer } from '../train/twoAttemptBatch';
import { logProbsOf } from '../train/weightedUpdate';
import { adapterConfig } from './adapterFields';
import { groupLoad } from './batchLoad';
import { ppoStages } from './methodStages';
import { ppoFields } from './ppoFields';
import type { Job, Recipe } from './recipe';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const ppo: Recipe = {
  id: 'ppo',
  title: { en: 'PPO', ko: 'PPO' },
  paper: 'Schulman et al. 2017, arXiv 1707.06347',
  fields: ppoFields,
  stages: ppoStages,
  adapter: adapterConfig,
  load: groupLoad,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, totalSteps, state } = job;
  const { problems, firsts, updates, temperature, learningRate, maxNorm, beta, gamma, lambda } = settings as Record<
    string,
    number
  >;
  const seconds = settings.attempts === 'first' ? 0 : (settings.seconds as number);
  const learnsFirst = settings.attempts !== 'second';
  const clips = {
    clip: settings.clip as number,
    valueClip: settings.valueClip as number,
    valueCoefficient: settings.valueCoefficient as number,
  };
  ensureCritic(state, model);
  yield { type: 'stage.entered' as const, step: state.step, stage: 'ppo' };

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
    const before = await criticColumns(model, state.adapter, batch, temperature);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const scores = [...(learnsFirst ? sampled.r1 : []), ...sampled.r2];
    const difference = Float64Array.from(old, (logProb, i) => (reference ? logProb - reference[i] : 0));
    const kl = settings.estimator === 'k3' ? difference.map((d) => Math.expm1(-d) + d) : difference;
    const shaped = tokenRewards(scores, kl, beta, batch.offsets);
    const rewards = settings.whitenRewards ? whitened(shaped, null, false) : shaped;

    // advantages
    const found = generalisedAdvantages(rewards, before.values, batch.offsets, gamma, lambda);
    const advantages = whitened(found.advantages);

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const options = { learningRate: rate, maxNorm, temperature, step };
    const fixed = { oldLogProb: old, oldValues: before.values, advantages, returns: found.returns };
    let loss = actorCriticWeights(clips, { ...fixed, logProb: old, values: before.values });
    // The first pass finds the policy that sampled; further ones are what the clips are for.
    const told = { logProbs: old, tolerance: job.logProbTolerance };
    const first = { ...options, sampled: told };
    let outcome = await actorCriticUpdate(model, state, batch, loss.weights, loss.valueWeights, first);
    const mismatch = outcome.mismatch;
    for (let update = 1; update < updates; update++) {
      const seen = await criticColumns(model, state.adapter, batch, temperature);
      loss = actorCriticWeights(clips, { ...fixed, ...seen });
      outcome = await actorCriticUpdate(model, state, batch, loss.weights, loss.valueWeights, options);
    }
    state.step = step + 1;

    // metric events
    const tokens = batch.targets.length;
    const explained = meanAndDeviation(found.returns.map((value, i) => value - before.values[i])).deviation ** 2;
    const metrics = {
      'objective/kl': reference ? meanAndDeviation(sumPerAnswer(kl, batch.offsets)).mean : null,
      'objective/scores': meanAndDeviation(scores).mean,
      'policy/approxkl_avg': loss.k2 / tokens,
      'policy/clipfrac_avg': loss.clipped,
      'loss/policy_avg': loss.policyLoss,
      'loss/value_avg': loss.valueLoss,
      'val/clipfrac_avg': loss.valueClipped,
      'val/explained_variance': 1 - explained / Math.max(1e-8, meanAndDeviation(found.returns).deviation ** 2),
      'sampling/sampling_logp_difference/max': mismatch,
    };
    const count1 = learnsFirst ? sampled.r1.length : 0;
    const means = sumPerAnswer(advantages, batch.offsets).map(
      (sum, a) => sum / Math.max(1, batch.offsets[a + 1] - batch.offsets[a]),
    );
    const learned = {
      outcome: { norm: outcome.norm, columns: { ...outcome.columns, kl: new Float32Array(tokens) } },
      loss: loss.loss,
      rate,
      advantage: seconds > 0 ? means.subarray(count1) : means,
      metrics,
      isTarget: (_: number, attempt: number) => attempt === 1 || learnsFirst,
    };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'ppo',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'ppo', sampled, learned),
      tokens: batch.tokens,
    };
  }
}
