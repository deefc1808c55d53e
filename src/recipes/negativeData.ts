// What wrong answers are good for, in five simple ways: the baselines of Li et al. 2023, "Turning Dust into Gold: Distilling Complex
// Reasoning Capabilities from LLMs by Leveraging Negative Data" (AAAI 2024), arXiv 2312.12832. A teacher writes several answers to each
// problem; the verifier splits them into D_pos and D_neg.
//   CoT-KD  −E_pos[log π]      MIX  −E_{pos ∪ neg}[log π]      NT  −E_pos[log π] + w E_neg[log π], w = 0.05
//   UL      −E_pos[log π] − w E_neg[log(1 − p)]                 CL  −log( Σ_pos e^l / Σ_all e^l ), l the mean log-probability
// Differs from the paper in:
//  1. Its code has no trainers for these: the exact forms of UL and CL are ours (src/train/negativeLosses.ts says which).
//  2. The teacher is the task's own solver, right with probability `teacherRight`, or the base model itself (`self`); the paper's
//     are GPT-3.5 and GPT-4 (35 and 47 % right on MATH).
//  3. Loss on the answer alone (its code also counts question and padding). LoRA on all linear layers (it: q and v, rank 8).
//  4. Every step draws its own answers (the paper: 20 epochs over a fixed set). NAT, NCE and ASC: nat.ts, nce.ts, asc.ts.
import { packAnswers } from '../train/answerBatch';
import { type NegativeLoss, negativeWeights } from '../train/negativeLosses';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { attemptsLoad } from './batchLoad';
import {
  choiceField,
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import { negativePresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { supervisedStages } from './recipeStages';
import { judgeAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { sourceFields, teacherAttempts } from './teacherAttempts';

export const negativeData: Recipe = {
  id: 'negative-data',
  title: { en: 'Learning from wrong answers', ko: '틀린 답에서 배우기' },
  paper: 'Li et al. 2023, arXiv 2312.12832 (its baselines)',
  fields: [
    choiceField(
      'loss',
      'ul_token',
      {
        kd: { en: 'CoT-KD: right ones only', ko: 'CoT-KD: 맞은 답만' },
        mix: { en: 'MIX: all alike', ko: 'MIX: 모두 똑같이' },
        nt: { en: 'NT: push wrong ones away', ko: 'NT: 틀린 답을 밀어냄' },
        ul_token: { en: 'UL: unlikelihood per token', ko: 'UL: 토큰별 비우도' },
        ul_sequence: { en: 'UL: unlikelihood per answer', ko: 'UL: 답 전체의 비우도' },
        cl: { en: 'CL: contrast within a problem', ko: 'CL: 같은 문제 안에서 대조' },
      },
      { en: 'Use of wrong answers', ko: '틀린 답을 쓰는 방법' },
      {
        en: 'UL and CL are our own readings: the paper gives no exact form.',
        ko: 'UL과 CL은 저희가 정한 형태입니다. 논문에 정확한 식이 없습니다.',
      },
    ),
    numberField(
      'weight',
      [0.05, 0, 10],
      { en: 'Weight of wrong answers', ko: '틀린 답의 가중치' },
      { en: 'In NT and UL. Paper: 0.05.', ko: 'NT와 UL에 쓰입니다. 논문: 0.05.' },
    ),
    ...sourceFields,
    learningRateField(0.0005),
    problemsField(32),
    firstsField(8),
    temperatureField(0.5, {
      en: 'Of the base’s own answers. Paper: 0.5.',
      ko: '기준 모델이 답할 때의 온도입니다. 논문: 0.5.',
    }),
    maxNormField,
    ...adapterFields,
  ],
  presets: negativePresets,
  stages: supervisedStages,
  adapter: adapterConfig,
  load: (settings, lengths) => attemptsLoad(settings, lengths, settings.firsts as number),
  run,
};

async function* run(job: Job) {
  const { model, settings, totalSteps, state } = job;
  const { problems, firsts, weight, temperature, learningRate, maxNorm } = settings as Record<string, number>;
  yield { type: 'stage.entered' as const, step: state.step, stage: 'supervised' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature };
    const attempts = await teacherAttempts(job, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, a right answer is followed, a wrong one is used as chosen
    const groups = sampled.prompts.map((context, p) => ({
      context,
      answers: sampled.rollout.first.slice(p * firsts, (p + 1) * firsts).map((turn) => turn.tokens),
    }));
    const sessions = sampled.r1.map((_, f) => Math.floor(f / firsts));

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = packAnswers(groups, model.chat.endId);
    const current = await logProbsOf(model, state.adapter, batch);
    const kind = settings.loss as NegativeLoss;
    const found = negativeWeights(kind, weight, current, batch.offsets, sampled.r1, sessions);
    const outcome = await weightedUpdate(model, state, batch, found.weights, { learningRate: rate, maxNorm, step });
    state.step = step + 1;

    // metric events
    const meanOver = (right: number) => {
      let [sum, count] = [0, 0];
      sampled.r1.forEach((r, a) => {
        if (r !== right) return;
        for (let i = batch.offsets[a]; i < batch.offsets[a + 1]; i++) sum += current[i];
        count += batch.offsets[a + 1] - batch.offsets[a];
      });
      return count > 0 ? sum / count : null;
    };
    const metrics = { 'logps/positive': meanOver(1), 'logps/negative': meanOver(0) };
    // KD has no wrong answers in its loss, CL only those of problems with both kinds: an answer all of zeros is no target.
    const isTarget = (a: number) => found.weights.subarray(batch.offsets[a], batch.offsets[a + 1]).some((w) => w !== 0);
    const learned = { outcome, loss: found.loss, rate, terms: { positive: sampled.r1 }, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'supervised',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'supervised', sampled, learned),
      tokens: batch.tokens,
    };
  }
}
