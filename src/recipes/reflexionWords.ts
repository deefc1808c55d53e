// The words of Reflexion: Shinn et al. 2023, "Language Agents with Verbal Reinforcement Learning", arXiv 2303.11366.
//   y_0 ~ actor(x);  while evaluator(y_t) fails and trials are left:  m_t ~ reflection(x, y_t);  y_{t+1} ~ actor(x, last Ω of (y, m))
// The protocol itself (src/evaluation/reflexion.ts) changes no weights. A model that has no words for a reflection learns them here,
// from conversations with given reflections; before it learns from a step's problems, the loop runs on them.
// Differs from the paper in:
//  1. A part is trained at all, because the bundled model has no plain language. On Dial a reflection says where the answer landed and
//     which hops to turn round ("7 2 5"), after a spare word of the vocabulary; nothing is precomputed, every example is drawn new.
//  2. The examples' reflections and mended answers come from the task's solver: what is learned is more than words, so compare with the
//     loop without a memory (Ω 0) and with self-consistency at the same calls (`npm run table -- protocols`).
//  3. The evaluator is the model's own verdict, or the verifier (the paper: exact match, an environment, or tests it wrote itself).
//  4. Loss: mean cross-entropy of reflections and mended answers, plus `anchor` times the mean exact KL to the base over all else that the
//     assistant says, in these and in ordinary conversations: without it first attempts were forgotten within ten steps. Adam on LoRA.
import type { Message } from '../data/messages';
import { evaluateReflexion } from '../evaluation/reflexion';
import { CounterRng, counterBits } from '../lib/counterRng';
import { meanAndDeviation } from '../train/advantages';
import { packDocuments } from '../train/packedDocuments';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss } from '../train/tokenLikelihood';
import { frozenLogits, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  integerField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import { reflexionStages } from './methodStages';
import type { Job, Recipe } from './recipe';

export const reflexion: Recipe = {
  id: 'reflexion',
  title: { en: 'Reflexion (and its words)', ko: 'Reflexion(과 그 말)' },
  paper: 'Shinn et al. 2023, arXiv 2303.11366',
  fields: [
    choiceField(
      'evaluator',
      'self',
      {
        self: { en: 'the model’s own verdict', ko: '모델 자신의 판정' },
        verifier: { en: 'the verifier (oracle)', ko: '검증기(정답을 앎)' },
      },
      { en: 'Evaluator', ko: '평가자' },
      {
        en: 'Who decides whether there is another trial. The verifier only shows what a perfect judge would be worth.',
        ko: '다시 시도할지 정하는 쪽입니다. 검증기는 완벽한 판정의 가치를 보여 줄 뿐입니다.',
      },
    ),
    integerField(
      'trials',
      [4, 1, 12],
      { en: 'Trials at most', ko: '최대 시도 횟수' },
      { en: 'The first attempt included. Paper: up to 12.', ko: '첫 시도를 포함합니다. 논문: 최대 12.' },
    ),
    integerField(
      'memory',
      [3, 0, 3],
      { en: 'Memory Ω', ko: '기억 Ω' },
      {
        en: 'Reflections kept. Paper: 1 to 3; 0 is a plain retry.',
        ko: '남겨 두는 반성의 수입니다. 논문: 1에서 3. 0이면 그냥 다시 시도합니다.',
      },
    ),
    learningRateField(0.001),
    advanced(
      integerField(
        'conversations',
        [64, 1, 1024],
        { en: 'Conversations per step', ko: '단계당 대화 수' },
        { en: 'Learned from.', ko: '이것으로 배웁니다.' },
      ),
    ),
    advanced(
      numberField(
        'deep',
        [0.3, 0, 1],
        { en: 'Share with two reflections', ko: '반성이 두 번인 대화의 비율' },
        { en: 'So that a longer memory is read too.', ko: '더 긴 기억도 읽도록 합니다.' },
      ),
    ),
    advanced(
      numberField(
        'anchor',
        [1, 0, 100],
        { en: 'Anchor', ko: '붙들기' },
        {
          en: 'Weight of the KL to the base where it is to stay as it is.',
          ko: '그대로 두어야 할 곳에서 기준 모델과의 KL에 곱하는 값입니다.',
        },
      ),
    ),
    problemsField(16),
    temperatureField(1, { en: 'Of the loop. 0 = greedy.', ko: '시도와 반성을 쓸 때의 온도입니다.' }),
    maxNormField,
    ...adapterFields,
  ],
  stages: reflexionStages,
  givenTexts: true,
  adapter: adapterConfig,
  run,
};

type Conversation = { messages: Message[]; taught: number[] };

/** All that the assistant says is predicted; `taught` [ids] tells what of it is to be learned. */
function encoded({ model }: Job, { messages, taught }: Conversation) {
  return { ...model.chat.conversation(messages), taught: model.chat.conversation(messages, taught).mask };
}

/** What the base does today and is to go on doing: answers, corrections, verdicts. Nothing of it is taught. */
function ordinary({ task }: Job, rng: CounterRng, problem: unknown): Conversation {
  const write = (isRight: boolean) => (isRight ? task.solve : task.mistake)?.(rng, problem) ?? '';
  const isRight = rng.uniform() < 0.5;
  const verdicts = task.review?.verdicts;
  const [asked, said] =
    verdicts && rng.uniform() < 0.5
      ? [task.review!.question, verdicts[isRight ? 0 : 1]]
      : [task.instruction, write(rng.uniform() < 0.5)];
  const turns = [
    { role: 'assistant' as const, content: write(isRight) },
    { role: 'user' as const, content: asked },
    { role: 'assistant' as const, content: said },
  ];
  return { messages: [...task.ask(problem), ...turns], taught: [] };
}

async function* run(job: Job) {
  const { model, task, settings, seed, totalSteps, state, cache } = job;
  const { trials, memory, conversations, deep, anchor, problems, temperature, learningRate, maxNorm } =
    settings as Record<string, number>;
  const teach = task.reflection?.teach;
  if (!teach) {
    throw new RangeError(
      `reflexion: expected a task that can teach reflections, ${task.id} cannot. Choose another task, or run the protocol alone.`,
    );
  }
  const evaluator = settings.evaluator as 'self' | 'verifier';
  yield { type: 'stage.entered' as const, step: state.step, stage: 'reflections' };

  while (state.step < totalSteps) {
    const step = state.step;

    // rollouts: the loop on the step's own problems, before anything is learned from them
    const rng = new CounterRng(seed, counterBits(seed, 0x72666c78, step));
    const drawn = task.draw(rng, 'rl', problems);
    const asked = { task, problems: drawn, temperature, seed: counterBits(seed, step, 0x6c6f6f70) };
    const loop = await evaluateReflexion({ model, adapter: state.adapter, cache }, asked, {
      trials,
      memory,
      evaluator,
    });

    // rewards, advantages: none, reflections and mended answers are given
    const documents = [
      ...task.draw(rng, 'rl', conversations).map((problem) => encoded(job, teach(rng, problem, deep))),
      ...task.draw(rng, 'rl', Math.ceil(conversations / 2)).map((problem) => encoded(job, ordinary(job, rng, problem))),
    ];

    // loss -> optimizer
    const rate = learningRate * warmupConstantDecay(step, totalSteps, 1, 0.3, 0.1);
    const longest = Math.max(...documents.map(({ ids }) => ids.length));
    const batch = packDocuments(documents, Math.min(model.architecture.shape.maxPositions, longest), model.chat.endId);
    // Predicted tokens stand in the order of the documents.
    const isTaught = documents.flatMap(({ ids, mask, taught }) =>
      [...ids.keys()].filter((i) => i > 0 && mask[i]).map((i) => taught[i]),
    );
    const count = isTaught.reduce((sum, one) => sum + one, 0);
    const weights = Float64Array.from(isTaught, (one) => one / count);
    const kept = Float32Array.from(isTaught, (one) => (anchor * (1 - one)) / Math.max(1, isTaught.length - count));
    const logits = frozenLogits(model, null, batch);
    const options = { learningRate: rate, maxNorm, step, kl: { logits, weights: kept } };
    const outcome = await weightedUpdate(model, state, batch, weights, options).finally(() => logits.dispose());
    state.step = step + 1;

    // metric events
    const last = loop[loop.length - 1];
    const metrics = {
      loss: linearLoss(weights, outcome.columns.logProb),
      kl:
        outcome.columns.kl.reduce((sum, kl, i) => sum + (1 - isTaught[i]) * kl, 0) /
        Math.max(1, isTaught.length - count),
      entropy: meanAndDeviation(outcome.columns.entropy).mean,
      grad_norm: outcome.norm,
      learning_rate: rate,
      'reflexion/accuracy_first': loop[0].accuracy,
      'reflexion/accuracy_last': last.accuracy,
      'reflexion/i_to_c': last.iToC,
      'reflexion/c_to_i': last.cToI,
      'reflexion/calls': last.calls,
      'reflexion/tokens': last.tokens,
    };
    yield {
      type: 'step.finished' as const,
      step: state.step,
      stage: 'reflections',
      metrics,
      traces: null,
      tokens: batch.tokens + Math.round(problems * last.tokens),
    };
  }
}
