// ReST: Gulcehre et al. 2023, "Reinforced Self-Training", arXiv 2308.08998, algorithm 1, with the BC loss (the paper's best).
//   Grow     D_g = {(x, y) : y ~ π_θ(·|x)} ∪ D                        the original data D stays
//   Improve  θ ← argmin_θ E_{D_g}[ 1[R(x, y) > τ_i] · (−log π_θ(y|x)) ],  τ_1 < τ_2 < …, each from the policy of the one before
// R is the share of the verifier's parts that are right (0 to 1), so that thresholds below 1 mean something: a 0/1 reward would make
// every threshold the same (as Singh et al. 2023 note).
// Differs from the paper in:
//  1. The Grow set is not drawn once: every step samples its own part from the frozen policy of the Grow step's beginning.
//  2. D are the task's own solutions, `originals` per problem; they are filtered by the same threshold.
//  3. An Improve step lasts its share of the steps (the paper: until the evaluation reward stops rising), its rate halves each time.
//  4. `filter` percentile and gamma are the thresholds per problem of its appendix A.7, over that problem's answers and solutions.
//  5. The run begins at the base model, not at a policy trained on D. LoRA.
import { CounterRng, counterBits } from '../lib/counterRng';
import { meanAndDeviation } from '../train/advantages';
import { answerTokens, packAnswers } from '../train/answerBatch';
import { copyAside } from '../train/asideAdapters';
import { aboveThreshold, iterationStarts, sourceThreshold } from '../train/offlineSets';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { attemptsLoad } from './batchLoad';
import {
  advanced,
  choiceField,
  firstsField,
  integerField,
  learningRateField,
  maxNormField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import type { Job, Recipe } from './recipe';
import { growStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const rest: Recipe = {
  id: 'rest',
  title: { en: 'ReST (Grow and Improve)', ko: 'ReST(키우고 다듬기)' },
  paper: 'Gulcehre et al. 2023, arXiv 2308.08998',
  fields: [
    integerField(
      'grows',
      [2, 1, 20],
      { en: 'Grow steps', ko: '키우기 횟수' },
      {
        en: 'Each samples from the last Improve step’s policy. Paper: 1 or 2.',
        ko: '마지막 다듬기의 모델에서 표집합니다. 논문: 1 또는 2.',
      },
    ),
    {
      kind: 'text',
      name: 'thresholds',
      default: '0, 0.7, 0.9',
      label: { en: 'Thresholds τ', ko: '문턱값 τ' },
      help: {
        en: 'One Improve step each, rising, separated by commas; kept is R > τ. Paper: from 0, 0.7, 0.8, 0.9, 0.95, 0.99.',
        ko: '다듬기마다 하나씩, 점점 커지게 쉼표로 적습니다. R > τ만 남깁니다. 논문: 0, 0.7, 0.8, 0.9, 0.95, 0.99 중에서.',
      },
    },
    advanced(
      choiceField(
        'filter',
        'threshold',
        {
          threshold: { en: 'the same for all problems', ko: '모든 문제에 같게' },
          percentile: { en: 'a percentile of each problem’s', ko: '문제마다 백분위' },
          gamma: { en: 'between each problem’s mean and best', ko: '문제마다 평균과 최고 사이' },
        },
        { en: 'What τ means', ko: 'τ의 뜻' },
        {
          en: 'Percentile: τ from 0 to 100, e.g. 50, 75. Between: τ from 0 (mean) to 1 (best), e.g. 0, 0.5.',
          ko: '백분위: τ는 0에서 100(예: 50, 75). 사이: τ는 0(평균)에서 1(최고)(예: 0, 0.5).',
        },
      ),
    ),
    learningRateField(0.001),
    advanced(
      integerField(
        'originals',
        [1, 0, 16],
        { en: 'Original answers per problem', ko: '문제당 원래 답' },
        {
          en: 'Of the task’s own; the paper keeps its original data.',
          ko: '과제 자체의 정답입니다. 논문은 원래 데이터를 계속 씁니다.',
        },
      ),
    ),
    problemsField(64),
    firstsField(4),
    temperatureField(0.8, { en: 'Paper: 0.8.', ko: '논문: 0.8.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: growStages,
  adapter: adapterConfig,
  load: (settings, lengths) =>
    attemptsLoad(settings, lengths, (settings.firsts as number) + (settings.originals as number)),
  run,
};

/** @throws RangeError unless they are numbers that rise */
function readThresholds(text: string): number[] {
  const thresholds = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (thresholds.some((tau, i) => !Number.isFinite(tau) || (i > 0 && tau <= thresholds[i - 1]))) {
    throw new RangeError(
      `settings.thresholds: expected rising numbers such as 0, 0.7, 0.9, got "${text}". Correct them.`,
    );
  }
  return thresholds;
}

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state } = job;
  const { problems, firsts, originals, temperature, grows, learningRate, maxNorm } = settings as Record<string, number>;
  const thresholds = readThresholds(settings.thresholds as string);
  const starts = iterationStarts(totalSteps, grows * thresholds.length);

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const part = starts.findLastIndex((start) => step >= start);
    const [grow, improve] = [Math.floor(part / thresholds.length), part % thresholds.length];
    const name = `grow_${grow + 1}_improve_${improve + 1}`;
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;
    if (step > 0 && step === starts[part] && improve === 0) copyAside(state, 'grow');

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature };
    const attempts = await sampleAttempts(job, state.aside.get('grow') ?? null, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const graded = sampled.verdicts1.map(({ correct, terms }) => {
      const parts = Object.values(terms).map((value) => value ?? 0);
      return parts.length > 0 ? parts.reduce((sum, value) => sum + value, 0) / parts.length : Number(correct);
    });

    // advantages: none, an answer is kept or it is not
    const kept = new Uint8Array(graded.length);
    const { solve } = task;
    const filter = settings.filter as 'threshold' | 'percentile' | 'gamma';
    // A solution earns 1, and goes through the same filter.
    const solutionRewards = new Array<number>(solve ? originals : 0).fill(1);
    const levels = sampled.prompts.map((_, p) => {
      if (filter === 'threshold') return thresholds[improve];
      const own = graded.slice(p * firsts, (p + 1) * firsts);
      return sourceThreshold(filter, [...own, ...solutionRewards], thresholds[improve]);
    });
    levels.forEach((level, p) => {
      for (const k of aboveThreshold(graded.slice(p * firsts, (p + 1) * firsts), level)) kept[p * firsts + k] = 1;
    });
    const rng = new CounterRng(seed, counterBits(seed, 0x67726f77, step));
    const groups = sampled.prompts.map((context, p) => {
      const own = sampled.rollout.first.slice(p * firsts, (p + 1) * firsts).filter((_, k) => kept[p * firsts + k]);
      const given = solve && levels[p] < 1 ? originals : 0;
      const solutions = Array.from({ length: given }, () => answerTokens(model, solve!(rng, sampled.drawn[p])));
      return { context, answers: [...own.map((turn) => turn.tokens), ...solutions] };
    });
    const learnable = groups.filter(({ answers }) => answers.length > 0);

    // loss -> optimizer
    const rate = learningRate * 0.5 ** improve;
    const batch = learnable.length > 0 ? packAnswers(learnable, model.chat.endId) : null;
    const weights = batch ? tokenMeanWeights(batch.offsets) : [];
    const outcome =
      batch && (await weightedUpdate(model, state, batch, weights, { learningRate: rate, maxNorm, step }));
    state.step = step + 1;

    // metric events
    const loss = outcome && linearLoss(weights, outcome.columns.logProb);
    const metrics = {
      'train/threshold': filter === 'threshold' ? thresholds[improve] : meanAndDeviation(levels).mean,
    };
    const isTarget = (e: number) => kept[e] === 1;
    const learned = { outcome, loss, rate, terms: { graded, kept }, metrics, isTarget };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: name,
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, name, sampled, learned),
      tokens: sampled.tokens,
    };
  }
}
