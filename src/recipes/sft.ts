// Supervised fine-tuning on conversations: minimise the mean cross-entropy of the assistant's tokens,
//   min_θ − (1/N) Σ_t log π_θ(y_t | x, y_<t),  prompts masked (as TRL's SFTTrainer with assistant_only_loss).
// Options: DFT (Wu et al. 2025, arXiv 2508.05629), −sg(p_t) log p_t, and label smoothing (Szegedy et al. 2015, arXiv 1512.00567).
// Any JSONL of {"messages": [{"role", "content"}, …]}; without one, right answers to the task's own practice problems.
// Differs from TRL in: batches are drawn with replacement by (seed, step), so that a run can resume anywhere.

import { parseMessagesJsonl } from '../data/messages';
import { CounterRng, counterBits } from '../lib/counterRng';
import type { Field } from '../protocol/fields';
import type { EncodedConversation } from '../tokenizers/chat';
import { meanAndDeviation } from '../train/advantages';
import { crossEntropyStep } from '../train/crossEntropy';
import { distributionUpdate } from '../train/distributionUpdate';
import { optimizerStep } from '../train/optimizer';
import type { PackedBatch } from '../train/packedBatch';
import { packDocuments } from '../train/packedDocuments';
import { warmupCosine } from '../train/schedules';
import { dynamicWeights, smoothedWeights } from '../train/supervisedLosses';
import { linearLoss } from '../train/tokenLikelihood';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import { conversationLoad } from './batchLoad';
import { advanced, choiceField, numberField } from './fieldKinds';
import { sftPresets } from './methodPresets';
import type { Job, Recipe } from './recipe';
import { supervisedStages } from './recipeStages';

const fields: readonly Field[] = [
  {
    name: 'dataset',
    kind: 'text',
    default: '',
    label: { en: 'Conversations (JSONL)', ko: '대화(JSONL)' },
    help: {
      en: 'One {"messages": […]} per line. Empty: right answers to the task’s practice problems.',
      ko: '한 줄에 {"messages": […]} 하나씩 적습니다. 비우면 과제 연습 문제의 정답을 씁니다.',
    },
  },
  {
    name: 'learningRate',
    kind: 'number',
    default: 0.001,
    min: 1e-7,
    max: 1,
    unit: '',
    label: { en: 'Learning rate', ko: '학습률' },
    help: { en: 'Peak rate of AdamW, then a half cosine.', ko: 'AdamW의 최대 학습률이며 코사인으로 줄어듭니다.' },
  },
  {
    name: 'conversations',
    kind: 'integer',
    default: 128,
    min: 1,
    max: 4096,
    unit: '',
    advanced: true,
    label: { en: 'Conversations per step', ko: '단계당 대화 수' },
    help: { en: 'More: steadier, slower.', ko: '많을수록 안정되고 느립니다.' },
  },
  choiceField(
    'loss',
    'nll',
    {
      nll: { en: 'cross-entropy', ko: '교차 엔트로피' },
      dft: { en: 'DFT', ko: 'DFT' },
      smoothed: { en: 'label smoothing', ko: '레이블 평활화' },
    },
    { en: 'Loss', ko: '손실' },
    {
      en: 'DFT weighs each token by its own probability: unlikely ones teach less.',
      ko: 'DFT는 토큰마다 제 확률을 곱해, 있을 법하지 않은 토큰에서 덜 배웁니다.',
    },
  ),
  advanced(
    numberField(
      'epsilon',
      [0.1, 0, 0.9],
      { en: 'Smoothing ε', ko: '평활화 ε' },
      { en: 'With label smoothing only.', ko: '레이블 평활화에만 쓰입니다.' },
    ),
  ),
  ...adapterFields,
];

export const sft: Recipe = {
  id: 'sft',
  title: { en: 'Supervised fine-tuning', ko: '지도 미세조정' },
  paper: 'Ouyang et al. 2022, arXiv 2203.02155, section 3.5',
  fields,
  givenTexts: true,
  stages: supervisedStages,
  presets: sftPresets,
  adapter: adapterConfig,
  load: conversationLoad,
  run,
};

/** Conversations of one step: all of a dataset's are equally likely; or the task's solved problems. */
function source(job: Job): (step: number) => EncodedConversation[] {
  const { model, task, settings, seed } = job;
  const count = settings.conversations as number;
  if (settings.dataset !== '') {
    const encoded = parseMessagesJsonl(settings.dataset as string).map((messages) => model.chat.conversation(messages));
    return (step) => {
      const rng = new CounterRng(seed, counterBits(seed, 0x73667400, step));
      return Array.from({ length: count }, () => encoded[rng.integer(encoded.length)]);
    };
  }
  const { solve } = task;
  if (!solve)
    throw new RangeError(
      `sft.dataset: expected conversations, got none, and the task ${task.id} has no solutions to learn from.`,
    );
  return (step) => {
    const rng = new CounterRng(seed, counterBits(seed, 0x73667400, step));
    return task.draw(rng, 'rl', count).map((problem) => {
      const answer = { role: 'assistant' as const, content: solve(rng, problem) };
      return model.chat.conversation([...task.ask(problem), answer]);
    });
  };
}

interface Updated {
  loss: number;
  /** null: not computed by this loss */
  entropy: number | null;
  norm: number;
}

async function update({ model, settings, state }: Job, batch: PackedBatch, rate: number): Promise<Updated> {
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, maxNorm: 1 };
  const options = { learningRate: rate, maxNorm: 1, beta2: 0.999, step: state.step };
  if (settings.loss === 'dft') {
    const weights = dynamicWeights(await logProbsOf(model, state.adapter, batch));
    const { norm, columns } = await weightedUpdate(model, state, batch, weights, options);
    return { loss: linearLoss(weights, columns.logProb), entropy: meanAndDeviation(columns.entropy).mean, norm };
  }
  if (settings.loss === 'smoothed') {
    const { vocabulary } = model.architecture.shape;
    const weights = smoothedWeights(batch.targets, vocabulary, settings.epsilon as number);
    const { norm, logProbs } = await distributionUpdate(model, state, batch, weights, options);
    return { loss: linearLoss(weights, logProbs), entropy: null, norm };
  }
  const { norm, columns } = await crossEntropyStep(model, state.adapter, batch, async (grads, seen) => ({
    norm: await optimizerStep(state.optimizer, grads, { learningRate: rate, ...adam }),
    columns: seen,
  }));
  return { loss: -meanAndDeviation(columns.logProb).mean, entropy: meanAndDeviation(columns.entropy).mean, norm };
}

async function* run(job: Job) {
  const { model, settings, totalSteps, state } = job;
  const conversations = source(job);
  yield { type: 'stage.entered' as const, step: state.step, stage: 'supervised' };
  while (state.step < totalSteps) {
    // rollouts: none, the answers are given
    const documents = conversations(state.step);
    const longest = Math.min(
      model.architecture.shape.maxPositions,
      Math.max(...documents.map(({ ids }) => ids.length)),
    );
    const batch = packDocuments(
      documents,
      Math.max(longest, Math.min(128, model.architecture.shape.maxPositions)),
      model.chat.endId,
    );

    // rewards, advantages: none

    // loss -> optimizer
    const rate = (settings.learningRate as number) * warmupCosine(state.step, totalSteps, 1, 0.1);
    const { loss, entropy, norm } = await update(job, batch, rate);
    state.step++;

    // metric events
    const metrics = { loss, entropy, grad_norm: norm, learning_rate: rate };
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
