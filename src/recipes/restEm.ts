// ReST-EM: Singh et al. 2023, "Beyond Human Data", arXiv 2312.06585, algorithm 1.
//   E-step   sample N answers per problem from the current policy, keep the right ones, at most C per problem
//   M-step   θ ← argmax_θ E_{D_i}[ r(x, y) log p_θ(y|x) ],  fine-tuning the BASE, not the previous iterate;  r ∈ {0, 1}
// Differs from the paper in:
//  1. The E-step goes along with the M-step: every step samples its own part of D_i from the frozen policy of the iteration before,
//     so no answer is used twice (the paper: one set per iteration, trained until validation reward stops rising).
//  2. Which right answers are kept is not stated: each text once, then at random.
//  3. The problem alone is the prompt (no few-shot examples). LoRA: "from the base" = a fresh adapter and fresh moments.
import { CounterRng, counterBits } from '../lib/counterRng';
import { packAnswers } from '../train/answerBatch';
import { restartFromBase } from '../train/asideAdapters';
import { cappedRightAnswers, iterationStarts } from '../train/offlineSets';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { attemptsLoad } from './batchLoad';
import {
  advanced,
  firstsField,
  integerField,
  iterationsField,
  learningRateField,
  maxNormField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import type { Job, Recipe } from './recipe';
import { iterationStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const restEm: Recipe = {
  id: 'rest-em',
  title: { en: 'ReST-EM', ko: 'ReST-EM' },
  paper: 'Singh et al. 2023, arXiv 2312.06585',
  fields: [
    iterationsField(2, {
      en: 'Each samples from the one before and trains from the base. Paper: up to 3.',
      ko: '매번 이전 모델에서 표집하고 기준 모델부터 다시 학습합니다. 논문: 최대 3.',
    }),
    learningRateField(0.001),
    advanced(
      integerField(
        'cap',
        [10, 1, 64],
        { en: 'Kept per problem, at most', ko: '문제당 최대 보존 수' },
        { en: 'Paper: 10.', ko: '논문: 10.' },
      ),
    ),
    problemsField(16),
    firstsField(32),
    temperatureField(0.7, { en: 'Paper: 0.7.', ko: '논문: 0.7.' }),
    advanced(
      integerField(
        'topK',
        [40, 0, 10000],
        { en: 'Top-k', ko: '상위 k' },
        {
          en: 'Only the k likeliest tokens are drawn; 0 = all. Paper: 40.',
          ko: '가장 가능성 높은 k개 토큰만 뽑습니다. 0이면 전부. 논문: 40.',
        },
      ),
    ),
    maxNormField,
    ...adapterFields,
  ],
  stages: iterationStages,
  adapter: adapterConfig,
  load: (settings, lengths) =>
    attemptsLoad(settings, lengths, Math.min(settings.cap as number, settings.firsts as number)),
  run,
};

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { problems, firsts, cap, topK, temperature, iterations, learningRate, maxNorm } = settings as Record<
    string,
    number
  >;
  const starts = iterationStarts(totalSteps, iterations);

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const iteration = starts.findLastIndex((start) => step >= start);
    const name = `iteration_${iteration + 1}`;
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;
    if (step > 0 && step === starts[iteration]) restartFromBase(state, model, seed, 'sampler');

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature, topK };
    const attempts = await sampleAttempts(job, state.aside.get('sampler') ?? null, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, an answer is kept or it is not
    const rng = new CounterRng(seed, counterBits(seed, 0x72657374, step));
    const kept = new Uint8Array(sampled.r1.length);
    const groups = sampled.prompts.flatMap((context, p) => {
      const turns = sampled.rollout.first.slice(p * firsts, (p + 1) * firsts);
      const texts = turns.map((turn) => model.tokenizer.decode(turn.tokens));
      const chosen = cappedRightAnswers(texts, sampled.r1.subarray(p * firsts, (p + 1) * firsts), cap, rng);
      for (const k of chosen) kept[p * firsts + k] = 1;
      return chosen.length > 0 ? [{ context, answers: chosen.map((k) => turns[k].tokens) }] : [];
    });

    // loss -> optimizer
    const [from, to] = [starts[iteration], starts[iteration + 1]];
    const rate = learningRate * warmupConstantDecay(step - from, to - from, 1, 0.3, 0.1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const weights = batch ? tokenMeanWeights(batch.offsets) : [];
    const outcome =
      batch && (await weightedUpdate(model, state, batch, weights, { learningRate: rate, maxNorm, step }));
    state.step = step + 1;

    // metric events
    const loss = outcome && linearLoss(weights, outcome.columns.logProb);
    const isTarget = (e: number) => kept[e] === 1;
    const learned = { outcome, loss, rate, terms: { kept }, isTarget };
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
