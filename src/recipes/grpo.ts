// GRPO: Shao et al. 2024, "DeepSeekMath", arXiv 2402.03300, Eq. 3, with the variants of TRL's GRPOTrainer.
//   max_θ E[ 1/G Σ_i 1/|o_i| Σ_t min(ρ_it Â_i, clip(ρ_it, 1 − ε, 1 + ε) Â_i) − β k3(π_θ ‖ π_ref) ],   ρ_it = π_θ(o_it) / π_old(o_it)
//   Â_i = (r_i − mean(r)) / (std(r) + 1e-4), mean and std (n − 1) over the G answers to the same context
// Dr. GRPO (arXiv 2503.20783) = `dr_grpo` with `none`; DAPO (arXiv 2503.14476) = `dapo` with ε_high 0.28; GSPO = one ratio per answer.
// A group's context is the problem, or the problem with one first answer and the instruction (each attempt earns its own reward only).
// Differs from the paper in:
//  1. The verifier's 0 or 1 is the reward; there is no reward model and no process supervision.
//  2. β 0 by default (as TRL; the paper: 0.04), and then no reference is computed.
//  3. LoRA; rates and amounts fit a model of 0.8 M parameters. Dynamic sampling (DAPO) is left out, as in TRL.
import { continued } from '../rollouts/answerContexts';
import { zeroSpreadShare } from '../train/advantages';
import { packAnswers } from '../train/answerBatch';
import { type GroupLoss, groupAdvantages, groupWeights } from '../train/groupLosses';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig } from './adapterFields';
import { groupLoad } from './batchLoad';
import { grpoFields } from './grpoFields';
import { grpoPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { grpoStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const grpo: Recipe = {
  id: 'grpo',
  title: { en: 'GRPO', ko: 'GRPO' },
  paper: 'Shao et al. 2024, arXiv 2402.03300',
  fields: grpoFields,
  presets: grpoPresets,
  stages: grpoStages,
  adapter: adapterConfig,
  load: groupLoad,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, totalSteps, state } = job;
  const { problems, firsts, updates, temperature, learningRate, maxNorm, beta } = settings as Record<string, number>;
  const seconds = settings.attempts === 'first' ? 0 : (settings.seconds as number);
  const learnsFirst = settings.attempts !== 'second';
  const loss: GroupLoss = {
    kind: settings.loss as GroupLoss['kind'],
    level: settings.level as GroupLoss['level'],
    epsilonLow: settings.epsilonLow as number,
    epsilonHigh: settings.epsilonHigh as number,
    delta: settings.delta === 0 ? null : (settings.delta as number),
    beta,
    correctKl: settings.correctKl as boolean,
    maxTokens: task.maxTokens,
  };
  yield { type: 'stage.entered' as const, step: state.step, stage: 'grpo' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds, temperature };
    const attempts = await sampleAttempts(job, state.adapter, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const { rollout, prompts, r1, r2 } = sampled;

    // advantages
    const scale = settings.scale as 'group' | 'batch' | 'none';
    const advantages1 = learnsFirst ? groupAdvantages(r1, firsts, scale) : [];
    const advantages2 = seconds > 0 ? groupAdvantages(r2, seconds, scale) : [];
    const advantages = Float64Array.from([...advantages1, ...advantages2]);
    const turns = [...(learnsFirst ? rollout.first : []), ...rollout.second];
    const groups1 = prompts.map((context, p) => ({
      context,
      answers: rollout.first.slice(p * firsts, (p + 1) * firsts).map((turn) => turn.tokens),
    }));
    const groups2 = (seconds > 0 ? rollout.first : []).map((first, f) => ({
      context: continued(model, prompts[Math.floor(f / firsts)], first, task.instruction),
      answers: rollout.second.slice(f * seconds, (f + 1) * seconds).map((turn) => turn.tokens),
    }));

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = packAnswers([...(learnsFirst ? groups1 : []), ...groups2], model.chat.endId);
    const old = Float32Array.from(turns.flatMap((turn) => [...turn.logProbs]));
    const reference = beta > 0 ? await logProbsOf(model, null, batch, temperature) : null;
    const options = { learningRate: rate, maxNorm, temperature, step };
    const tolerance = job.logProbTolerance;
    // The first update finds the policy that sampled; further ones on the same answers are what the clip is for.
    let found = groupWeights(loss, old, old, reference, advantages, batch.offsets);
    let outcome = await weightedUpdate(model, state, batch, found.weights, {
      ...options,
      sampled: { logProbs: old, tolerance },
    });
    const mismatch = outcome.mismatch;
    for (let update = 1; update < updates; update++) {
      const current = await logProbsOf(model, state.adapter, batch, temperature);
      found = groupWeights(loss, current, old, reference, advantages, batch.offsets);
      outcome = await weightedUpdate(model, state, batch, found.weights, options);
    }
    state.step = step + 1;

    // metric events
    const metrics = {
      kl: reference ? found.kl : null,
      frac_reward_zero_std: seconds > 0 ? zeroSpreadShare(r2, seconds) : zeroSpreadShare(r1, firsts),
      'clip_ratio/low_mean': found.clippedLow,
      'clip_ratio/high_mean': found.clippedHigh,
      'clip_ratio/region_mean': found.clippedLow + found.clippedHigh,
      'sampling/sampling_logp_difference/max': mismatch,
    };
    const advantage = seconds > 0 ? advantages2 : advantages1;
    const isTarget = (_: number, attempt: number) => attempt === 1 || learnsFirst;
    const learned = { outcome, loss: found.loss, rate, advantage, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'grpo',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'grpo', sampled, learned),
      tokens: batch.tokens,
    };
  }
}
