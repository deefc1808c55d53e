// STaR over two attempts, the baseline of the SCoRe paper: Kumar et al. 2024, arXiv 2409.12917, section 4
// (after Zelikman et al. 2022, arXiv 2203.14465, in the protocol of ReST-EM, Singh et al. 2023, arXiv 2312.06585).
//   D_STaR  = {(x, y1, p, y2) sampled from π_{i−1} : r(y1) = 0, r(y2) = 1}       D+_STaR adds r(y1) = r(y2) = 1
//   π_i     = argmax_π E_{D_i}[ log π(y2 | x, y1, p) ], started from the BASE in every iteration
// Differs from the paper in:
//  1. The paper samples a set once per iteration and does not say for how many epochs it is used; here every step samples its own
//     part of D_i from the same frozen π_{i−1}, so no trace is used twice and a run can resume anywhere.
//  2. Loss on y2 alone (the paper does not say); `lossOnFirst` adds y1.
//  3. No rationalisation: nothing reveals the right answer to the model (as in the paper's baseline).
//  4. LoRA; "from the base" = a fresh adapter and fresh moments. Rates and amounts fit a model of 0.8 M parameters.

import { continued } from '../rollouts/answerContexts';
import { packAnswers } from '../train/answerBatch';
import { restartFromBase } from '../train/asideAdapters';
import { iterationStarts, starTraces } from '../train/offlineSets';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  firstsField,
  iterationsField,
  learningRateField,
  maxNormField,
  plusField,
  problemsField,
  secondsField,
  switchField,
  temperatureField,
} from './fieldKinds';
import { plusPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { iterationStages } from './recipeStages';
import { judgeAttempts, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';

export const star: Recipe = {
  id: 'star',
  title: { en: 'STaR on revisions', ko: 'STaR(수정 학습)' },
  paper: 'Zelikman et al. 2022, arXiv 2203.14465; as in Kumar et al. 2024, arXiv 2409.12917, section 4',
  fields: [
    plusField,
    iterationsField(3, {
      en: 'Each samples from the one before and trains from the base. Paper: 3.',
      ko: '매번 이전 모델에서 표집하고 기준 모델부터 다시 학습합니다. 논문: 3.',
    }),
    learningRateField(0.001),
    advanced(
      switchField(
        'lossOnFirst',
        false,
        { en: 'Also learn attempt 1', ko: '첫 시도도 학습' },
        {
          en: 'The paper does not say. Off: loss on attempt 2 only.',
          ko: '논문에는 없습니다. 끄면 두 번째 시도만 학습합니다.',
        },
      ),
    ),
    problemsField(64),
    firstsField(2),
    secondsField(4),
    temperatureField(1, { en: 'The paper does not say; 1.', ko: '논문에는 없으며 1을 씁니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  presets: plusPresets,
  stages: iterationStages,
  adapter: adapterConfig,
  run,
};

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state } = job;
  const { problems, firsts, seconds, temperature, iterations, learningRate, maxNorm } = settings as Record<
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
    const amounts = { problems, firsts, seconds, temperature };
    const attempts = await sampleAttempts(job, state.aside.get('sampler') ?? null, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, a trace is kept or it is not
    const r1OfTrace = sampled.r2.map((_, e) => sampled.r1[Math.floor(e / seconds)]);
    const keptTraces = starTraces(r1OfTrace, sampled.r2, settings.plus as boolean);
    const kept = new Uint8Array(sampled.r2.length);
    for (const e of keptTraces) kept[e] = 1;
    const groups = keptTraces.flatMap((e) => {
      const first = sampled.rollout.first[Math.floor(e / seconds)];
      const prompt = sampled.prompts[Math.floor(e / (firsts * seconds))];
      const second = {
        context: continued(model, prompt, first, task.instruction),
        answers: [sampled.rollout.second[e].tokens],
      };
      return settings.lossOnFirst ? [{ context: prompt, answers: [first.tokens] }, second] : [second];
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
    const isTarget = (e: number, attempt: number) => kept[e] === 1 && (attempt === 1 || Boolean(settings.lossOnFirst));
    const loss = outcome && linearLoss(weights, outcome.columns.logProb);
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
