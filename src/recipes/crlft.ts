// C-RLFT, conditioned reinforcement-learning fine-tuning: Wang et al. 2023, "OpenChat: Advancing Open-source Language Models with
// Mixed-Quality Data" (ICLR 2024), arXiv 2309.11235.
//   D_c = {(x, y, c)}, c ∈ {expert, sub-optimal};  r_c = 1 for the expert, r < 1 for the other
//   max_θ E_{(x,y,c) ~ D_c}[ exp(r_c / β) log π_θ(y | x, c) ],   loss = Σ_t w_t CE_t / Σ_t w_t over the whole batch
// The class is told in the prompt, and the answer at the end is asked for as the expert's. No reference model, no sampling.
// Differs from the paper in:
//  1. The classes are two solvers of the task, right with `expertRight` and `otherRight` (the paper: GPT-4 and GPT-3.5 conversations).
//  2. The expert's condition is the plain prompt and only the other class carries a word, a spare one of the vocabulary, before the
//     problem: so the model is asked as always (the paper marks both classes, in both roles, at every turn).
//  3. The lesser class weighs `weight` directly: exp((r − 1)/β) = 0.1 in the paper's code for any r, β with β = (1 − r)/ln 10.
//  4. LoRA and Adam (the paper: all weights); every step draws its own answers (the paper: 5 epochs over a fixed set).
import { CounterRng, counterBits } from '../lib/counterRng';
import { meanAndDeviation } from '../train/advantages';
import { answerTokens, packAnswers } from '../train/answerBatch';
import { classWeights } from '../train/classWeights';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss } from '../train/tokenLikelihood';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { conversationLoad } from './batchLoad';
import {
  advanced,
  choiceField,
  integerField,
  learningRateField,
  maxNormField,
  numberField,
  switchField,
} from './fieldKinds';
import { crlftPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { supervisedStages } from './recipeStages';

/** A word the bundled vocabulary keeps free. */
export const OTHER_CLASS = '<spare_0>';

export const crlft: Recipe = {
  id: 'c-rlft',
  title: { en: 'C-RLFT (mixed quality)', ko: 'C-RLFT(품질이 섞인 데이터)' },
  paper: 'Wang et al. 2023, arXiv 2309.11235',
  fields: [
    switchField(
      'condition',
      true,
      { en: 'Tell the class', ko: '출처 표시' },
      {
        en: 'Off: both classes under the same prompt (the paper’s ablation).',
        ko: '끄면 두 출처를 같은 질문으로 학습합니다(논문의 비교 실험).',
      },
    ),
    numberField(
      'weight',
      [0.1, 0, 1],
      { en: 'Weight of the lesser class', ko: '낮은 출처의 가중치' },
      { en: 'Paper’s code: 0.1. 1 = no reward (ablation).', ko: '논문의 코드: 0.1. 1이면 보상 없음(비교 실험)입니다.' },
    ),
    choiceField(
      'data',
      'both',
      {
        both: { en: 'both classes', ko: '두 출처 모두' },
        expert: { en: 'only the expert', ko: '전문가만' },
        other: { en: 'only the other', ko: '다른 쪽만' },
      },
      { en: 'Data', ko: '데이터' },
      { en: 'The paper’s ablations.', ko: '논문의 비교 실험입니다.' },
    ),
    learningRateField(0.0005),
    advanced(
      integerField(
        'answers',
        [256, 2, 4096],
        { en: 'Answers per step', ko: '단계당 답의 수' },
        { en: 'More: steadier, slower.', ko: '많을수록 안정되고 느립니다.' },
      ),
    ),
    advanced(
      numberField(
        'expertShare',
        [0.1, 0, 1],
        { en: 'Share of the expert', ko: '전문가의 비율' },
        { en: 'Paper: about 6,000 of 70,000.', ko: '논문: 7만 개 중 약 6천 개.' },
      ),
    ),
    advanced(
      numberField(
        'expertRight',
        [0.95, 0, 1],
        { en: 'Expert right', ko: '전문가의 정답률' },
        { en: 'Share of its answers that land on 0.', ko: '0에 도착하는 답의 비율입니다.' },
      ),
    ),
    advanced(
      numberField(
        'otherRight',
        [0.3, 0, 1],
        { en: 'Other class right', ko: '다른 쪽의 정답률' },
        { en: 'Its mistakes are well-formed answers that miss.', ko: '형식은 맞지만 빗나간 답을 냅니다.' },
      ),
    ),
    maxNormField,
    ...adapterFields,
  ],
  presets: crlftPresets,
  givenTexts: true,
  stages: supervisedStages,
  adapter: adapterConfig,
  load: (settings, lengths) => conversationLoad({ conversations: settings.answers }, lengths),
  run,
};

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state } = job;
  const { answers, weight, expertShare, expertRight, otherRight, learningRate, maxNorm } = settings as Record<
    string,
    number
  >;
  const { solve, mistake } = task;
  if (!solve || !mistake) {
    throw new RangeError(
      `c-rlft: expected a task that knows right and wrong answers, ${task.id} does not. Choose another task.`,
    );
  }
  const share = settings.data === 'expert' ? 1 : settings.data === 'other' ? 0 : expertShare;
  yield { type: 'stage.entered' as const, step: state.step, stage: 'supervised' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts: none, two solvers answer
    const rng = new CounterRng(seed, counterBits(seed, 0x63726c66, step));
    const rows = task.draw(rng, 'rl', answers).map((problem) => {
      const isExpert = rng.uniform() < share;
      const write = rng.uniform() < (isExpert ? expertRight : otherRight) ? solve : mistake;
      const asked = task.ask(problem);
      const marked = !isExpert && settings.condition;
      const [first, ...others] = asked;
      const messages = marked ? [{ ...first, content: `${OTHER_CLASS} ${first.content}` }, ...others] : asked;
      return { isExpert, messages, text: write(rng, problem) };
    });

    // rewards: one per class
    const rewards = rows.map(({ isExpert }) => (isExpert || settings.data !== 'both' ? 1 : weight));

    // advantages: none, an answer weighs what its class weighs

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const batch = packAnswers(
      rows.map(({ messages, text }) => ({
        context: model.chat.prompt(messages),
        answers: [answerTokens(model, text)],
      })),
      model.chat.endId,
    );
    const weights = classWeights(batch.offsets, rewards);
    const { norm, columns } = await weightedUpdate(model, state, batch, weights, { learningRate: rate, maxNorm, step });
    state.step = step + 1;

    // metric events
    const lossOf = (wanted: boolean) => {
      const list = rows.flatMap(({ isExpert }, a) =>
        isExpert === wanted ? [...columns.logProb.subarray(batch.offsets[a], batch.offsets[a + 1])] : [],
      );
      return list.length > 0 ? -meanAndDeviation(list).mean : null;
    };
    const metrics = {
      loss: linearLoss(weights, columns.logProb),
      'loss/expert': lossOf(true),
      'loss/other': lossOf(false),
      entropy: meanAndDeviation(columns.entropy).mean,
      grad_norm: norm,
      learning_rate: rate,
    };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'supervised',
      metrics,
      traces: null,
      tokens: batch.tokens,
    };
  }
}
