// Sequential multi-task fine-tuning: Liu et al. 2023, "Improving Large Language Model Fine-tuning for Solving Math Problems",
// arXiv 2310.10047: one model learns to generate solutions, then to evaluate them, then to generate again.
//   generator (SSFT)   L = −log p(X|P), X a solution with its answer
//   evaluator (SCR)    S(X|P) = P("correct") / (P("correct") + P("incorrect")) after the solution
//                      margin  max(0, log S(X_inc) − log S(X_cor) + λ)      xent  −log S(X_cor) − log(1 − S(X_inc))
//   re-ranking         N samples, clusters of one answer; RR.All, RR.Top-K, W.RR and others (src/evaluation/reranking.ts)
// We know the paper from notes and reviews, not from its own text (docs/papers.md); none of its numbers is shown as verified.
// Differs from what is known of it in:
//  1. Solutions are the task's solver's, new in every step (the paper: MATH and PRM800K). The words of a verdict are spare ones of the
//     vocabulary by default, learned here, as in asc.ts.
//  2. An answer, so a cluster, is a text: Dial has several right ones. The candidates are sampled from the generator as it was when the
//     evaluator's stage began. Pairs: one right and one wrong per problem (the paper: ten; which is not said).
//  3. `control` leaves the evaluator's task out: the same steps of generating alone, an arm that reviewers missed.
//  4. Each stage begins with a fresh optimizer. Adam on LoRA.
import { rerank, type Strategy } from '../evaluation/reranking';
import { CounterRng, counterBits } from '../lib/counterRng';
import { continued } from '../rollouts/answerContexts';
import { packAnswers } from '../train/answerBatch';
import { copyAside, restartOptimizer } from '../train/asideAdapters';
import { type EvaluatorLoss, evaluatorWeights } from '../train/evaluatorLosses';
import { verdictScores } from '../train/rankingLoss';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  integerField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  switchField,
  temperatureField,
} from './fieldKinds';
import { sequentialStages } from './methodStages';
import type { Job, Recipe } from './recipe';
import { judgeAttempts, type Sampled, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { solverAttempts } from './teacherAttempts';
import { drawVerdictPairs, verdictWords, verdictWordsField } from './verdicts';

export const sequential: Recipe = {
  id: 'sequential',
  title: { en: 'Generate, evaluate, generate (SCR)', ko: '풀기, 평가하기, 다시 풀기(SCR)' },
  paper: 'Liu et al. 2023, arXiv 2310.10047',
  fields: [
    choiceField(
      'loss',
      'margin',
      { margin: { en: 'margin', ko: '간격' }, xent: { en: 'cross-entropy', ko: '교차 엔트로피' } },
      { en: 'Loss of the evaluator', ko: '평가자의 손실' },
      {
        en: 'Margin: the right solution’s score must lead by λ. Cross-entropy: each for itself.',
        ko: '간격: 맞는 풀이의 점수가 λ만큼 앞서야 합니다. 교차 엔트로피: 각각 따로 배웁니다.',
      },
    ),
    switchField(
      'control',
      false,
      { en: 'Control: generating only', ko: '대조: 풀기만' },
      {
        en: 'The same number of steps without the evaluator’s task.',
        ko: '평가하는 과제 없이 같은 단계 수를 풉니다.',
      },
    ),
    verdictWordsField,
    numberField(
      'generatorShare',
      [0.4, 0, 0.95],
      { en: 'Share of steps, generator first', ko: '먼저 푸는 단계의 비율' },
      { en: 'Stage 1.', ko: '1단계입니다.' },
    ),
    numberField(
      'evaluatorShare',
      [0.4, 0, 0.95],
      { en: 'Share of steps, evaluator', ko: '평가하는 단계의 비율' },
      { en: 'Stage 2; the rest generates again.', ko: '2단계이며, 나머지는 다시 풉니다.' },
    ),
    advanced(
      numberField(
        'lambda',
        [1, 0, 100],
        { en: 'Margin λ', ko: '간격 λ' },
        { en: 'In log S. Not known of the paper.', ko: 'log S의 차이입니다. 논문의 값은 알려지지 않았습니다.' },
      ),
    ),
    advanced(
      integerField(
        'clusters',
        [8, 1, 64],
        { en: 'K largest clusters', ko: '큰 묶음 K개' },
        {
          en: 'RR.Top-K and W.RR.MajK look at these. Paper: 8 of 64 samples.',
          ko: 'RR.Top-K와 W.RR.MajK가 봅니다. 논문: 표본 64개에서 8.',
        },
      ),
    ),
    learningRateField(0.0005),
    problemsField(16),
    firstsField(16),
    advanced(
      integerField(
        'solutions',
        [64, 1, 1024],
        { en: 'Solutions per generator step', ko: '푸는 단계당 풀이 수' },
        { en: 'One for each of so many problems.', ko: '문제마다 하나씩입니다.' },
      ),
    ),
    temperatureField(1, { en: 'Of the candidates.', ko: '후보 풀이를 표집할 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: sequentialStages,
  adapter: adapterConfig,
  run,
};

const STRATEGIES: Strategy[] = ['maj', 'maj_top', 'rr_all', 'rr_top', 'w_rr', 'w_rr_top'];

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { generatorShare, evaluatorShare, problems, firsts, solutions, lambda, temperature, learningRate, maxNorm } =
    settings as Record<string, number>;
  if (generatorShare + evaluatorShare >= 1) {
    throw new RangeError(
      `sequential: expected shares that leave steps to generate again, got ${generatorShare} and ${evaluatorShare}. Lower them to less than 1 together.`,
    );
  }
  const { question, verdicts } = verdictWords(job);
  const first = Math.round(generatorShare * totalSteps);
  const again = Math.min(totalSteps - 1, Math.max(first, Math.round((generatorShare + evaluatorShare) * totalSteps)));

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const isMiddle = step >= first && step < again;
    const stage = isMiddle
      ? settings.control
        ? 'control'
        : 'evaluator'
      : step < first
        ? 'generator_1'
        : 'generator_2';
    if (stage !== entered) yield { type: 'stage.entered' as const, step, stage };
    entered = stage;
    if (step > 0 && step === first && isMiddle) copyAside(state, 'generator');
    if (step > 0 && (step === first || step === again)) restartOptimizer(state);

    // rollouts
    const isEvaluating = stage === 'evaluator';
    const amounts = isEvaluating
      ? { problems, firsts, seconds: 0, temperature }
      : { problems: solutions, firsts: 1, seconds: 0, temperature };
    const attempts = isEvaluating
      ? await sampleAttempts(job, state.aside.get('generator') ?? null, step, amounts)
      : await solverAttempts(job, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const asked = attempts.rollout.first.map((turn, f) => ({
      context: continued(model, attempts.prompts[Math.floor(f / amounts.firsts)], turn, question),
      answers: verdicts,
    }));
    const scores = isEvaluating
      ? verdictScores(await logProbsOf(model, state.adapter, packAnswers(asked, model.chat.endId)))
      : null;

    // advantages: none, a right solution is scored above a wrong one
    const pairs = isEvaluating
      ? drawVerdictPairs(sampled, new CounterRng(seed, counterBits(seed, 0x73637200, step)))
      : [];
    const groups = isEvaluating
      ? pairs.map((f) => asked[f])
      : attempts.prompts.map((context, p) => ({ context, answers: [attempts.rollout.first[p].tokens] }));

    // loss -> optimizer
    const [from, to] = isMiddle ? [first, again] : step < first ? [0, first] : [again, totalSteps];
    const rate = learningRate * warmupConstantDecay(step - from, to - from, 1, 0.3, 0.1);
    const batch = groups.length > 0 ? packAnswers(groups, model.chat.endId) : null;
    const options = { learningRate: rate, maxNorm, step };
    let loss: number | null = null;
    let weights: Float64Array | null = null;
    if (batch && isEvaluating) {
      const current = await logProbsOf(model, state.adapter, batch);
      const found = evaluatorWeights(settings.loss as EvaluatorLoss, lambda, current);
      loss = found.losses.reduce((sum, value) => sum + value, 0) / found.losses.length;
      weights = found.weights;
    } else if (batch) weights = tokenMeanWeights(batch.offsets);
    const outcome = batch && weights && (await weightedUpdate(model, state, batch, weights, options));
    if (outcome && !isEvaluating) loss = linearLoss(weights!, outcome.columns.logProb);
    state.step = step + 1;

    // metric events
    const kept = new Uint8Array(attempts.rollout.first.length);
    for (const f of pairs) kept[f] = 1;
    const terms = scores ? { score: scores, kept } : undefined;
    const metrics = scores ? rerankMetrics(job, sampled, scores) : {};
    const learned = { outcome, loss, rate, terms, metrics, isTarget: () => !isEvaluating };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage,
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, stage, sampled, learned),
      tokens: sampled.tokens + (batch?.tokens ?? 0),
    };
  }
}

/** What each way to choose is worth on the step's problems, before they are learned from; and a judge that always knows. */
function rerankMetrics({ model, settings }: Job, { r1, prompts, firsts, rollout }: Sampled, scores: Float64Array) {
  const texts = rollout.first.map((turn) => model.tokenizer.decode(turn.tokens));
  const of = prompts.map((_, p) => ({
    answers: texts.slice(p * firsts, (p + 1) * firsts),
    own: scores.subarray(p * firsts, (p + 1) * firsts),
    rewards: r1.subarray(p * firsts, (p + 1) * firsts),
  }));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const k = settings.clusters as number;
  const worth = (strategy: Strategy) =>
    mean(of.map(({ answers, own, rewards }) => rewards[answers.indexOf(rerank(strategy, answers, own, k))]));
  return {
    ...Object.fromEntries(STRATEGIES.map((strategy) => [`rerank/${strategy}`, worth(strategy)])),
    'rerank/pass_at_n': mean(of.map(({ rewards }) => Math.max(...rewards))),
  };
}
