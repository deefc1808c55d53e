// ASC, adaptive self-consistency: Li et al. 2023, "Turning Dust into Gold" (AAAI 2024), arXiv 2312.12832. A ranker learns from right
// and wrong answers of the same problems; at the end its scores weigh a vote among sampled answers.
//   L = (1 − s₊)^p + s₋^p  per pair, p = 3;   vote(a) = Σ_{answers a} w,  w = 1 (SC), s (WS), 1 + s or 1 + 2s (ASC)
// Differs from the paper in:
//  1. Its ranker is a T5 encoder with a head of its own. `ranker: head` is that head on this model's states, averaged over the answer
//     (a causal model: early tokens have not read the late ones). By default the model itself judges: asked for a verdict after the answer,
//     s = P(right) / (P(right) + P(wrong)) of two words. By default these, and the question, are spare ones of the vocabulary, so that
//     judging is learned here. The task's own (`words: task`) were learned before: the bundled model then tells every pair apart at once.
//  2. The answers are the base's (the paper: the NAT model's, and the reference solution among the right ones).
//  3. Two forms of ASC are in its code and which one is reported is not said: both are measured, beside SC and WS.
//  4. Votes are measured at every step on its problems before they are learned from; each step draws its own (the paper: 5 epochs).
//  5. An answer is its text: Dial has several right ones, which vote apart. Sampling temperature: not in the code.
//  6. What is trained is the ranker. Evaluations ask the same adapter to answer, which the method never does: they only show how far
//     learning to judge moves it.
import { scoredVote, VOTES } from '../evaluation/voting';
import { CounterRng, counterBits } from '../lib/counterRng';
import { continued } from '../rollouts/answerContexts';
import { packAnswers } from '../train/answerBatch';
import { ensureRanker, rankerScores, rankerUpdate } from '../train/rankingHead';
import { rankingLoss, verdictScores, verdictWeights } from '../train/rankingLoss';
import { warmupConstantDecay } from '../train/schedules';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import { ascPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { rankStages } from './recipeStages';
import { judgeAttempts, type Sampled, sampleAttempts, sampledMetrics, sampledTraces } from './sampledAttempts';
import { drawVerdictPairs, verdictWords, verdictWordsField } from './verdicts';

export const asc: Recipe = {
  id: 'asc',
  title: { en: 'ASC (votes with a ranker)', ko: 'ASC(채점하는 투표)' },
  paper: 'Li et al. 2023, arXiv 2312.12832',
  fields: [
    choiceField(
      'ranker',
      'verdict',
      {
        verdict: { en: 'a verdict in words', ko: '말로 하는 판정' },
        head: { en: 'a head of its own', ko: '따로 붙인 출력층' },
      },
      { en: 'How an answer is scored', ko: '답에 점수를 매기는 방법' },
      {
        en: 'Verdict: how likely the word for right is. Head: two layers on the states of the answer (the paper’s code).',
        ko: '판정: 맞다는 단어의 확률입니다. 출력층: 답의 상태 위에 얹은 두 층입니다(논문의 코드).',
      },
    ),
    verdictWordsField,
    learningRateField(0.0005),
    advanced(
      numberField(
        'power',
        [3, 1, 20],
        { en: 'Power p of the loss', ko: '손실의 지수 p' },
        { en: 'The paper’s code trains with 3.', ko: '논문의 코드는 3으로 학습합니다.' },
      ),
    ),
    problemsField(16),
    firstsField(16),
    temperatureField(1, {
      en: 'Of the sampled answers. Not in the paper’s code.',
      ko: '답을 표집할 때의 온도입니다. 논문의 코드에는 없습니다.',
    }),
    maxNormField,
    ...adapterFields,
  ],
  stages: rankStages,
  presets: ascPresets,
  adapter: adapterConfig,
  run,
};

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { problems, firsts, power, temperature, learningRate, maxNorm } = settings as Record<string, number>;
  const isHead = settings.ranker === 'head';
  const { question, verdicts } = verdictWords(job);
  if (isHead) ensureRanker(state, model, seed);
  yield { type: 'stage.entered' as const, step: state.step, stage: 'rank' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature };
    const attempts = await sampleAttempts(job, null, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);
    const asked = attempts.rollout.first.map((turn, f) => {
      const prompt = attempts.prompts[Math.floor(f / firsts)];
      return isHead
        ? { context: prompt, answers: [turn.tokens] }
        : { context: continued(model, prompt, turn, question), answers: verdicts };
    });
    const everything = packAnswers(asked, model.chat.endId);
    const scores = isHead
      ? await rankerScores(model, state.adapter, everything)
      : verdictScores(await logProbsOf(model, state.adapter, everything));

    // advantages: none, a right answer is scored towards 1 and a wrong one towards 0
    const pairs = drawVerdictPairs(sampled, new CounterRng(seed, counterBits(seed, 0x72616e6b, step)));
    const ofPairs = pairs.map((f) => scores[f]);
    const { losses, slopes } = rankingLoss(ofPairs, power);

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const count = Math.max(1, losses.length);
    const batch =
      pairs.length > 0
        ? packAnswers(
            pairs.map((f) => asked[f]),
            model.chat.endId,
          )
        : null;
    const options = { learningRate: rate, maxNorm, step };
    const byHead =
      batch && isHead
        ? await rankerUpdate(
            model,
            state,
            batch,
            slopes.map((d) => d / count),
            options,
          )
        : null;
    const weights = verdictWeights(ofPairs, slopes).map((w) => w / count);
    const outcome = batch && !isHead ? await weightedUpdate(model, state, batch, weights, options) : null;
    state.step = step + 1;

    // metric events
    const texts = sampled.rollout.first.map((turn) => model.tokenizer.decode(turn.tokens));
    const ofRight = losses.filter((_, i) => ofPairs[2 * i] > ofPairs[2 * i + 1]).length;
    const metrics = {
      ...(byHead ? { grad_norm: byHead.norm } : {}),
      'rank/pair_accuracy': losses.length > 0 ? ofRight / losses.length : null,
      ...voteMetrics(sampled, texts, scores),
    };
    const kept = new Uint8Array(scores.length);
    for (const f of pairs) kept[f] = 1;
    const loss = batch && losses.reduce((sum, l) => sum + l, 0) / count;
    const learned = { outcome, loss, rate, terms: { score: scores, kept }, isTarget: () => false, metrics };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'rank',
      metrics: sampledMetrics(sampled, learned),
      traces: sampledTraces(job, 'rank', sampled, learned),
      tokens: sampled.tokens + (batch?.tokens ?? 0),
    };
  }
}

/** What each way to vote is worth on the step's problems; ties count by the share of the winners that is right. */
function voteMetrics({ r1, prompts, firsts }: Sampled, texts: readonly string[], scores: Float64Array) {
  const worth = (kind: keyof typeof VOTES) => {
    const credits = prompts.map((_, p) => {
      const [from, to] = [p * firsts, (p + 1) * firsts];
      const answers = texts.slice(from, to);
      const { winners } = scoredVote(kind, answers, [...scores.subarray(from, to)]);
      return winners.reduce((sum, winner) => sum + r1[from + answers.indexOf(winner!)], 0) / winners.length;
    });
    return credits.reduce((sum, credit) => sum + credit, 0) / credits.length;
  };
  const kinds = Object.keys(VOTES) as (keyof typeof VOTES)[];
  return Object.fromEntries(kinds.map((kind) => [`vote/${kind}`, worth(kind)]));
}
