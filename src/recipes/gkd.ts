// GKD, generalised knowledge distillation: Agarwal et al. 2023, "On-Policy Distillation of Language Models", arXiv 2306.13649, Eq. 2, 3.
//   L = (1 − λ) E_{(x, y) ~ data}[ D_β(p_T ‖ p_S)(y|x) ] + λ E_{y ~ p_S(·|x)}[ D_β(p_T ‖ p_S)(y|x) ]
//   D_β = β KL(T ‖ M) + (1 − β) KL(S ‖ M), M = β T + (1 − β) S;   β 0: KL(T ‖ S), β 1: KL(S ‖ T);   mean over tokens, full vocabulary
// A step takes its answers from the student with probability λ, else from the data; no gradient goes through the sampling.
// Differs from the paper in:
//  1. Teacher and student share one run. First (stage `teacher`) an adapter learns right answers; it is set aside, and a fresh adapter
//     on the same base is the student. So both have the same size, and the teacher is only better trained.
//  2. The data are new in every step: right answers of the task's solver, or (`seqKd`) answers of the teacher.
//  3. Student samples are drawn at temperature 1 (TRL: 0.9); the loss is at temperature 1, as in TRL's trainer.
//  4. Adam on LoRA with a rate for a model of 0.8 M parameters (TRL: AdamW, 2e-5; β 0.5, λ 0.5).
import { CounterRng, counterBits } from '../lib/counterRng';
import { packAnswers } from '../train/answerBatch';
import { restartFromBase } from '../train/asideAdapters';
import { distributionUpdate } from '../train/distributionUpdate';
import { divergenceWeights } from '../train/generalisedDivergence';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { frozenLogits, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { attemptsLoad } from './batchLoad';
import {
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  switchField,
  temperatureField,
} from './fieldKinds';
import { gkdPresets } from './methodPresets';
import { gkdStages } from './methodStages';
import type { Job, Recipe } from './recipe';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { solverAttempts } from './teacherAttempts';

export const gkd: Recipe = {
  id: 'gkd',
  title: { en: 'GKD (on-policy distillation)', ko: 'GKD(자기 답으로 하는 증류)' },
  paper: 'Agarwal et al. 2023, arXiv 2306.13649',
  fields: [
    numberField(
      'beta',
      [0.5, 0, 1],
      { en: 'β of the divergence', ko: '발산의 β' },
      {
        en: '0: KL(teacher ‖ student), 1: KL(student ‖ teacher). TRL: 0.5.',
        ko: '0: KL(교사 ‖ 학생), 1: KL(학생 ‖ 교사). TRL: 0.5.',
      },
    ),
    numberField(
      'onPolicy',
      [0.5, 0, 1],
      { en: 'λ, share of steps on own answers', ko: '자기 답으로 배우는 단계의 비율 λ' },
      { en: 'The student writes, the teacher corrects. TRL: 0.5.', ko: '학생이 쓰고 교사가 바로잡습니다. TRL: 0.5.' },
    ),
    switchField(
      'seqKd',
      false,
      { en: 'Other answers from the teacher', ko: '나머지 답은 교사가 쓰기' },
      { en: 'Off: right answers of the task’s solver.', ko: '끄면 과제 풀이기의 정답을 씁니다.' },
    ),
    numberField(
      'teacherShare',
      [0.4, 0, 0.95],
      { en: 'Share of steps for the teacher', ko: '교사를 가르치는 단계의 비율' },
      { en: 'It learns right answers first.', ko: '교사가 먼저 정답을 배웁니다.' },
    ),
    learningRateField(0.001),
    problemsField(64),
    temperatureField(1, { en: 'Of the sampled answers.', ko: '답을 표집할 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  presets: gkdPresets,
  stages: gkdStages,
  adapter: adapterConfig,
  load: (settings, lengths) => attemptsLoad(settings, lengths, 1),
  run,
};

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { beta, onPolicy, teacherShare, problems, temperature, learningRate, maxNorm } = settings as Record<
    string,
    number
  >;
  const start = Math.min(totalSteps - 1, Math.round(teacherShare * totalSteps));
  const amounts = { problems, firsts: 1, seconds: 0, temperature };

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const stage = step < start ? 'teacher' : 'distil';
    if (stage !== entered) yield { type: 'stage.entered' as const, step, stage };
    entered = stage;
    if (step > 0 && step === start) restartFromBase(state, model, seed, 'teacher');
    // Without a step of its own the teacher is the base.
    const teacher = state.aside.get('teacher') ?? null;

    // rollouts
    const isOwn = stage === 'distil' && new CounterRng(seed, counterBits(seed, 0x676b6400, step)).uniform() < onPolicy;
    const writer = isOwn ? state.adapter : teacher;
    const attempts =
      isOwn || (stage === 'distil' && settings.seqKd === true)
        ? await sampleAttempts(job, writer, step, amounts)
        : await solverAttempts(job, step, amounts);

    // rewards: none are learned from; the verifier watches
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none
    const groups = attempts.prompts.map((context, p) => ({ context, answers: [attempts.rollout.first[p].tokens] }));
    const batch = packAnswers(groups, model.chat.endId);

    // loss -> optimizer
    const [from, to] = stage === 'teacher' ? [0, start] : [start, totalSteps];
    const rate = learningRate * warmupConstantDecay(step - from, to - from, 1, 0.3, 0.1);
    const options = { learningRate: rate, maxNorm, step };
    let learned: { loss: number; norm: number };
    if (stage === 'teacher') {
      const weights = tokenMeanWeights(batch.offsets);
      const outcome = await weightedUpdate(model, state, batch, weights, options);
      learned = { loss: linearLoss(weights, outcome.columns.logProb), norm: outcome.norm };
    } else {
      const logits = [state.adapter, teacher].map((adapter) => frozenLogits(model, adapter, batch));
      const [ofStudent, ofTeacher] = await Promise.all(logits.map((tensor) => tensor.data()));
      for (const tensor of logits) tensor.dispose();
      const found = divergenceWeights(ofStudent, ofTeacher, ofStudent.length / batch.targets.length, beta);
      const { norm } = await distributionUpdate(model, state, batch, found.weights, options);
      learned = { loss: found.loss, norm };
    }
    state.step = step + 1;

    // metric events
    const metrics = { grad_norm: learned.norm, 'gkd/on_policy': stage === 'distil' ? Number(isOwn) : null };
    const report = { outcome: null, loss: learned.loss, rate, metrics, isTarget: () => true };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage,
      metrics: sampledMetrics(sampled, report),
      traces: sampledTraces(job, stage, sampled, report),
      tokens: sampled.tokens + batch.tokens,
    };
  }
}
