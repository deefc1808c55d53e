// NCE, negative calibrated enhancement: Li et al. 2023, "Turning Dust into Gold" (AAAI 2024), arXiv 2312.12832. After NAT (nat.ts) a
// fresh student on the base follows right answers and, on them, the distributions of the NAT model P, weighed by how much the model
// of wrong answers N differs:
//   β = tanh( mean_t KL(N ‖ P) ),   L = ½ CE + ½ Σ_t (½ + β)( −Σ_v P log S )     the paper's code (`coded`)
//   L = CE + Σ_t β ( −Σ_v P log S )                                              its figure: "KL loss × β + CE loss" (`figure`)
// Differs from the paper in:
//  1. Two forms, because code and figure disagree. Soft cross-entropy in both: the student's gradient is that of KL(P ‖ S).
//  2. NAT and the student share one run: stages `negative`, `integrate`, `student`. All that nat.ts lists differs here too.
//  3. The code trains the student on the teacher's right answers (`same`); `nat` takes right answers the NAT model wrote itself,
//     which the paper's words suggest and no published code shows; `union` takes both, each writing half of every problem's.
//  4. The student's answers are new in every step (its code: 20 epochs over a fixed set).
import { negativeOf } from '../models/integrateUnit';
import { meanAndDeviation } from '../train/advantages';
import { packAnswers } from '../train/answerBatch';
import { restartFromBase } from '../train/asideAdapters';
import { CALIBRATIONS, calibratedWeights } from '../train/calibratedDistillation';
import { distributionUpdate } from '../train/distributionUpdate';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss } from '../train/tokenLikelihood';
import { frozenLogits } from '../train/weightedUpdate';
import { choiceField, learningRateField, numberField } from './fieldKinds';
import { ncePresets } from './methodPresets';
import { answersThatAre, natAdapter, natFields, natStages } from './natStages';
import type { Job, Recipe } from './recipe';
import { nceStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { teacherAttempts } from './teacherAttempts';

export const nce: Recipe = {
  id: 'nce',
  title: { en: 'NCE (calibrated distillation)', ko: 'NCE(보정된 증류)' },
  paper: 'Li et al. 2023, arXiv 2312.12832',
  fields: [
    choiceField(
      'calibration',
      'coded',
      {
        coded: { en: 'as in the paper’s code', ko: '논문의 코드대로' },
        figure: { en: 'as in the paper’s figure', ko: '논문의 그림대로' },
        plain: { en: 'control: plain distillation', ko: '대조: 일반 증류' },
      },
      { en: 'Weight of an answer', ko: '답의 가중치' },
      {
        en: 'Code: 0.5 + β, both halves equal. Figure: β alone. Plain: 0.5, wrong answers unused.',
        ko: '코드: 0.5 + β이고 두 항이 반반입니다. 그림: β뿐입니다. 일반: 0.5로 틀린 답을 쓰지 않습니다.',
      },
    ),
    choiceField(
      'studentData',
      'same',
      {
        same: { en: 'the teacher', ko: '교사' },
        nat: { en: 'the NAT model', ko: 'NAT 모델' },
        union: { en: 'both, half and half', ko: '둘이 반씩' },
      },
      { en: 'Who writes for the student', ko: '학생이 배울 답을 쓰는 쪽' },
      {
        en: 'Only right answers are learned. The paper’s code: the teacher.',
        ko: '맞은 답만 배웁니다. 논문의 코드는 교사입니다.',
      },
    ),
    numberField(
      'negativeShare',
      [0.25, 0, 1],
      { en: 'Share of steps on wrong answers', ko: '틀린 답을 배우는 단계의 비율' },
      { en: 'Stage 1.', ko: '1단계입니다.' },
    ),
    numberField(
      'integrateShare',
      [0.35, 0, 1],
      { en: 'Share of steps for the NAT model', ko: 'NAT 모델을 배우는 단계의 비율' },
      { en: 'Stage 2; the rest is the student’s.', ko: '2단계이며, 나머지가 학생의 몫입니다.' },
    ),
    learningRateField(0.001),
    ...natFields,
  ],
  presets: ncePresets,
  stages: nceStages,
  adapter: natAdapter,
  run,
};

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { negativeShare, integrateShare, problems, firsts, temperature, learningRate, maxNorm } = settings as Record<
    string,
    number
  >;
  if (negativeShare + integrateShare >= 1) {
    throw new RangeError(
      `nce: expected shares that leave steps for the student, got ${negativeShare} and ${integrateShare}. Lower them to less than 1 together.`,
    );
  }
  // However few steps: the last is the student's, and the one before it integrates.
  const start = Math.min(totalSteps - 1, Math.max(1, Math.round((negativeShare + integrateShare) * totalSteps)));
  const negativeEnd = Math.min(start - 1, Math.round(negativeShare * totalSteps));
  yield* natStages(job, negativeEnd, start);
  yield { type: 'stage.entered' as const, step: state.step, stage: 'student' };

  while (state.step < totalSteps) {
    const step = state.step;
    if (step === start) restartFromBase(state, model, seed, 'nat');
    const nat = state.aside.get('nat')!;

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature };
    const attempts = await (settings.studentData === 'nat'
      ? sampleAttempts(job, nat, step, amounts)
      : teacherAttempts(job, step, amounts));
    if (settings.studentData === 'union') {
      const own = await sampleAttempts(job, nat, step, amounts);
      const { first } = attempts.rollout;
      attempts.rollout.first = first.map((turn, f) => (f % firsts < firsts / 2 ? turn : own.rollout.first[f]));
    }

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: β of every right answer
    const { kept, groups } = answersThatAre(sampled, 1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const teachers = [nat, negativeOf(nat)].map((adapter) => batch && frozenLogits(model, adapter, batch));
    const [ofNat, ofNegative] = await Promise.all(teachers.map(async (logits) => logits && (await logits.data())));
    for (const logits of teachers) logits?.dispose();
    const calibration = CALIBRATIONS[settings.calibration as keyof typeof CALIBRATIONS];
    const found =
      batch &&
      calibratedWeights(ofNat as Float32Array, ofNegative as Float32Array, batch.targets, batch.offsets, calibration);

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step - start, totalSteps - start, 1, 0.3, 0.1);
    const options = { learningRate: rate, maxNorm, step };
    const update = batch && found && (await distributionUpdate(model, state, batch, found.weights, options));
    state.step = step + 1;

    // metric events
    const loss = update && linearLoss(found!.weights, update.logProbs);
    const metrics = {
      'nce/beta': found && meanAndDeviation(found.beta).mean,
      'nce/kl': found && meanAndDeviation(found.kl).mean,
      grad_norm: update?.norm ?? null,
    };
    const learned = { outcome: null, loss, rate, terms: { kept }, isTarget: (e: number) => kept[e] === 1, metrics };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'student',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'student', sampled, learned),
      tokens: batch?.tokens ?? 0,
    };
  }
}
