// What the public code of SCoRe literally does (github.com/daje0601/Google_SCoRe at ca8c406), which is SUPERVISED learning:
// nothing is sampled and there is no policy gradient. Shown beside the paper's method, not in its place.
//   Stage I   CE(all tokens of [question, original answer]) + β KL(π_θ ‖ π_θ with its own logits detached)      (KL = 0, always)
//   Stage II  reward · CE(all tokens of [question, right answer]),   reward = 1 if g2 = right answer, −1 if g2 = g1, else 0.5,
//             g1, g2 = argmax of teacher-forced logits of [question, original, review request, ""] and [question, right answer]
// It differs from the paper in 27 points; those that matter: Stage I is taught the WRONG answers in the data; attempt 2 never sees
// attempt 1; the KL is of the model with itself; a right answer turned wrong earns +0.5; α, warm-up and clipping are never read.
// Differs from that code in:
//  1. Its 59 Korean rows become `rows` practice problems of the task, right and wrong answers by the task's own solver; its Korean
//     prefixes ("답변: ") are left out, the review request is the task's instruction.
//  2. `batch` rows per update, each with its own reward (it: 1); the rate fits a model of 0.8 M parameters; LoRA.
import { CounterRng, counterBits } from '../lib/counterRng';
import { meanAndDeviation } from '../train/advantages';
import { restartOptimizer } from '../train/asideAdapters';
import { refcodeReward, rowMeanWeights } from '../train/refcodeLoss';
import { linearLoss } from '../train/tokenLikelihood';
import { frozenLogits, weightedUpdate } from '../train/weightedUpdate';
import { likeliestTokens, packWholeTexts } from '../train/wholeTexts';
import { adapterConfig, adapterFields } from './adapterFields';
import { advanced, integerField, learningRateField, numberField } from './fieldKinds';
import type { Job, Recipe } from './recipe';
import { refcodeStages } from './recipeStages';

export const scoreRefcode: Recipe = {
  id: 'score-refcode',
  title: { en: 'SCoRe: the public code as it is (supervised)', ko: 'SCoRe: 공개 코드 그대로(지도 학습)' },
  paper: 'github.com/daje0601/Google_SCoRe at ca8c406; not the method of arXiv 2409.12917',
  fields: [
    learningRateField(0.001),
    numberField(
      'betaKl',
      [0.01, 0, 1000],
      { en: 'beta_kl', ko: 'beta_kl' },
      {
        en: 'Weight of the KL of the model with itself: 0 whatever you choose, as in that code.',
        ko: '모델 자신과의 KL에 곱하는 값입니다. 그 코드에서처럼 무엇을 골라도 0입니다.',
      },
    ),
    advanced(
      integerField(
        'rows',
        [59, 2, 10000],
        { en: 'Rows of the data set', ko: '데이터 행 수' },
        {
          en: 'Read in order, again and again, without shuffling. That code: 59.',
          ko: '섞지 않고 차례로 되풀이해 읽습니다. 그 코드: 59.',
        },
      ),
    ),
    advanced(
      integerField(
        'batch',
        [8, 1, 256],
        { en: 'Rows per update', ko: '업데이트당 행 수' },
        { en: 'That code: 1.', ko: '그 코드: 1.' },
      ),
    ),
    advanced(
      numberField(
        'stageOneShare',
        [0.4, 0, 1],
        { en: 'Share of Stage I', ko: '1단계 비율' },
        { en: 'That code: 2 of 5 epochs.', ko: '그 코드: 5번 중 2번입니다.' },
      ),
    ),
    ...adapterFields,
  ],
  givenTexts: true,
  stages: refcodeStages,
  adapter: adapterConfig,
  run,
};

/** The fixed rows: question, an answer that is wrong, the right one. */
function dataRows({ task, seed, settings }: Job) {
  const { solve, mistake } = task;
  if (!solve || !mistake)
    throw new RangeError(
      `score-refcode: expected a task that knows right and wrong answers, ${task.id} does not. Choose another task.`,
    );
  const rng = new CounterRng(seed, counterBits(seed, 0x72656663, 0));
  return task.draw(rng, 'rl', settings.rows as number).map((problem) => {
    const asked = task.ask(problem);
    const answered = (content: string) => [...asked, { role: 'assistant' as const, content }];
    const [wrong, right] = [mistake(rng, problem), solve(rng, problem)];
    const reviewed = [...answered(wrong), { role: 'user' as const, content: task.instruction }];
    return { wrong: answered(wrong), right: answered(right), reviewed, gold: right };
  });
}

async function* run(job: Job) {
  const { model, settings, totalSteps, state } = job;
  const { learningRate, betaKl, batch: size, stageOneShare } = settings as Record<string, number>;
  const data = dataRows(job);
  const stageOneSteps = Math.round(totalSteps * stageOneShare);
  const ids = (messages: { role: string; content: string }[]) => model.chat.conversation(messages).ids;

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const name = step < stageOneSteps ? 'refcode_stage_1' : 'refcode_stage_2';
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;
    if (step > 0 && step === stageOneSteps) restartOptimizer(state); // it makes a second optimizer

    // rollouts: none, nothing is sampled
    const rows = Array.from({ length: size }, (_, i) => data[(step * size + i) % data.length]);
    const texts = rows.map((row) => ids(step < stageOneSteps ? row.wrong : row.right));

    // rewards
    let rewards = rows.map(() => 1);
    if (step >= stageOneSteps) {
      const read = async (conversations: Int32Array[]) =>
        (await likeliestTokens(model, state.adapter, conversations)).map((tokens) => model.tokenizer.decode(tokens));
      const first = await read(rows.map((row) => model.chat.prompt(row.reviewed)));
      const second = await read(texts);
      rewards = rows.map((row, i) => refcodeReward(first[i], second[i], row.gold));
    }

    // advantages: none, the reward multiplies the loss of the given text

    // loss -> optimizer
    const batch = packWholeTexts(texts, model.chat.endId);
    const weights = rowMeanWeights(batch.offsets, rewards);
    const klWeights = new Float32Array(weights.length).fill(step < stageOneSteps ? betaKl / size : 0);
    const own = frozenLogits(model, state.adapter, batch);
    const kl = { logits: own, weights: klWeights };
    const options = { learningRate, maxNorm: 0, weightDecay: 0.01, step, kl };
    const { norm, columns } = await weightedUpdate(model, state, batch, weights, options).finally(() => own.dispose());
    state.step = step + 1;

    // metric events
    const share = (reward: number) => rewards.filter((value) => value === reward).length / rewards.length;
    const metrics = {
      loss: linearLoss(weights, columns.logProb),
      kl: meanAndDeviation(columns.kl).mean,
      entropy: meanAndDeviation(columns.entropy).mean,
      grad_norm: norm,
      learning_rate: learningRate,
      reward: step < stageOneSteps ? null : meanAndDeviation(rewards).mean,
      'rewards/plus_one/share': step < stageOneSteps ? null : share(1),
      'rewards/half/share': step < stageOneSteps ? null : share(0.5),
      'rewards/minus_one/share': step < stageOneSteps ? null : share(-1),
    };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: name,
      metrics,
      traces: null,
      tokens: batch.tokens,
    };
  }
}
