// SCoRe: Kumar et al. 2024, "Training Language Models to Self-Correct via Reinforcement Learning", arXiv 2409.12917 (ICLR 2025).
//   Stage I  (Eq. 3)  max_θ E[ r(y2, y*) − β2 KL(π_θ(·|x1) ‖ π_ref(·|x1)) ]           (+ β1 KL on attempt 2, Eq. 2)
//   Stage II (Eq. 4)  max_θ E[ Σ_i r(y_i, y*) − β1 KL(π_θ(·|x_i) ‖ π_ref(·|x_i)) ],  r(y2) + α (r(y2) − r(y1)) for attempt 2
// On-policy REINFORCE, turn discount 0: the bonus is credited to attempt 2 only. π_ref is the base, its adapter off.
// Differs from the paper in:
//  1. The paper does not say which baseline: leave-one-out, for attempt 2 among the second attempts of the same first attempt
//     (a baseline over whole trajectories made this small model stop changing its answers).
//  2. K first attempts per problem and K2 second attempts per first attempt; the paper does not say how many.
//  3. KL by default over the full vocabulary at each sampled position, as a loss term; `k1` puts log π − log π_ref into the reward.
//  4. LoRA; learning rate, batch size and step counts fit a model of 0.8 M parameters; the rate falls at the end of Stage II.
//  5. No offline first attempts, no adaptive β2 (both optional in section 5.3, without a formula).
// With turn discount 0, −α r1 is a constant given attempt 1: with baseline 1 the shaping multiplies r2's weight by 1 + α.
import { dispose } from '@tensorflow/tfjs-core';
import { CounterRng, counterBits } from '../lib/counterRng';
import { StudioError } from '../protocol/errors';
import { twoAttempts } from '../rollouts/twoAttempts';
import { optimizerStep } from '../train/optimizer';
import { batchTensors } from '../train/packedBatch';
import { largestDifference, policyGradientStep, referenceOf } from '../train/policyGradient';
import { warmupConstantDecay } from '../train/schedules';
import { scoreWeights } from '../train/scoreWeights';
import { packTwoAttempts } from '../train/twoAttemptBatch';
import { adapterConfig } from './adapterFields';
import { twoAttemptLoad } from './batchLoad';
import type { Job, Recipe } from './recipe';
import { scoreStages } from './recipeStages';
import { scoreFields } from './scoreFields';
import { scorePresets } from './scorePresets';
import { scoreMetrics, scoreTraces } from './scoreReport';

export const score: Recipe = {
  id: 'score',
  title: { en: 'SCoRe', ko: 'SCoRe' },
  paper: 'Kumar et al. 2024, arXiv 2409.12917',
  fields: scoreFields,
  presets: scorePresets,
  stages: scoreStages,
  adapter: adapterConfig,
  load: twoAttemptLoad,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state, cache } = job;
  const { alpha, beta1, beta2, temperature, problems, firsts, learningRate } = settings as Record<string, number>;
  const seconds = settings.multiTurn ? (settings.seconds as number) : 0;
  const stageOneSteps =
    settings.multiTurn && settings.stageOne ? Math.round(totalSteps * (settings.stageOneShare as number)) : 0;

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const stage = step < stageOneSteps ? 1 : 2;
    const name = stage === 1 ? 'stage_1' : settings.multiTurn ? 'stage_2' : 'single_turn';
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;

    // rollouts
    const batchProblems = task.draw(new CounterRng(seed, counterBits(seed, 0x70726f62, step)), 'rl', problems);
    const prompts = batchProblems.map((problem) => model.chat.prompt(task.ask(problem)));
    const keys = batchProblems.map((_, p) => counterBits(seed, step, p));
    const sampling = { temperature, topK: 0, topP: 1, maxTokens: task.maxTokens, seed };
    const decoder = { model, adapter: state.adapter, cache };
    const rollout = await twoAttempts(decoder, prompts, keys, {
      firsts,
      seconds,
      sampling,
      instruction: task.instruction,
    });
    const batch = packTwoAttempts(model, prompts, rollout, task.instruction);
    const tensors = batchTensors(batch);
    const reference = await referenceOf(model, batch, tensors, temperature);

    // rewards
    const judge = (turn: (typeof rollout.first)[number], p: number) =>
      task.verify(batchProblems[p], model.tokenizer.decode(turn.tokens), turn.finish === 'end');
    const verdicts1 = rollout.first.map((turn, f) => judge(turn, Math.floor(f / firsts)));
    const verdicts2 = rollout.second.map((turn, e) => judge(turn, Math.floor(e / (firsts * seconds))));
    const r1 = Float64Array.from(verdicts1, (verdict) => Number(verdict.correct));
    const r2 = Float64Array.from(verdicts2, (verdict) => Number(verdict.correct));

    // advantages
    const shaping = settings.shaping && stage === 2 ? alpha : 0;
    const klInReward = settings.kl === 'k1_in_reward';
    const baseline = settings.baseline === 'none' ? ('none' as const) : ('leave_one_out' as const);
    const group2 = settings.baseline === 'same_first_attempt' ? seconds : firsts * seconds;
    const terms = {
      stage,
      alpha: shaping,
      beta1,
      beta2,
      klInReward,
      baseline,
      group1: firsts,
      group2: group2 || 1,
      leaksToFirst: settings.credit === 'total_return',
    } as const;
    const logRatio = batch.sampledLogProbs.map((logProb, i) => logProb - reference.logProb[i]);
    const answers = { first: batch.firstOffsets, second: batch.secondOffsets };
    const credited = scoreWeights(terms, r1, r2, logRatio, answers);

    // loss -> optimizer
    const { weights, klWeights } = credited;
    const rate =
      learningRate * warmupConstantDecay(step, totalSteps, settings.warmup as number, settings.decay as number, 0.1);
    const options = { refLogits: reference.logits, temperature, weights, klWeights };
    const outcome = await policyGradientStep(model, state.adapter, batch, tensors, options, async (grads, columns) => {
      const mismatch = largestDifference(columns.logProb, batch.sampledLogProbs);
      if (!(mismatch <= job.logProbTolerance)) {
        throw new StudioError(
          'numerics',
          `step ${step + 1}: expected the log-probabilities of the loss within ${job.logProbTolerance} of the rollout’s, they differ by ${mismatch}. The step was not applied. Resume from the last checkpoint, or try the other backend.`,
        );
      }
      const adam = {
        beta1: 0.9,
        beta2: 0.95,
        eps: 1e-8,
        weightDecay: settings.weightDecay as number,
        maxNorm: settings.maxNorm as number,
      };
      const norm = await optimizerStep(state.optimizer, grads, { learningRate: rate, ...adam });
      if (!Number.isFinite(norm)) {
        throw new StudioError(
          'numerics',
          `step ${step + 1}: expected a finite gradient norm, got ${norm}. The step was not applied. Lower the learning rate, or resume from the last checkpoint.`,
        );
      }
      return { mismatch, norm, columns };
    }).finally(() => dispose([reference.logits, ...Object.values(tensors)]));
    state.step = step + 1;

    // metric events
    const facts = {
      job,
      stage: name,
      rate,
      rollout,
      batch,
      reference: reference.logProb,
      verdicts1,
      verdicts2,
      r1,
      r2,
    };
    const report = { ...facts, ...outcome, ...credited, terms, batchProblems, seconds };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: name,
      metrics: scoreMetrics(report),
      traces: scoreTraces(report),
      tokens: batch.tokens,
    };
  }
}
