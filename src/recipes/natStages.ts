// The two stages of NAT, for `nat` and for `nce`, which begins with them: a low-rank path learns the wrong answers, then it is frozen
// and a second one learns the right answers beside it, through the Integrate Unit (src/models/integrateUnit.ts).
import type { AdapterConfig } from '../models/adapter';
import type { Field, Settings } from '../protocol/fields';
import { packAnswers } from '../train/answerBatch';
import { integrateNegative } from '../train/asideAdapters';
import { warmupConstantDecay } from '../train/schedules';
import { linearLoss, tokenMeanWeights } from '../train/tokenLikelihood';
import { weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig, adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  integerField,
  maxNormField,
  problemsField,
  temperatureField,
} from './fieldKinds';
import type { Job } from './recipe';
import { judgeAttempts, type Sampled, sampledMetrics, sampledTraces } from './sampledAttempts';
import { sourceFields, teacherAttempts } from './teacherAttempts';

/** Fields of both recipes; each adds its own shares of the steps and its learning rate. */
export const natFields: readonly Field[] = [
  choiceField(
    'negative',
    'learned',
    {
      learned: { en: 'learned from wrong answers', ko: '틀린 답에서 배움' },
      zero: { en: 'control: zero', ko: '대조: 0' },
    },
    { en: 'Negative path', ko: '부정 경로' },
    {
      en: 'The control keeps the unit and forgets the path: what is left is the gain of more parameters.',
      ko: '대조 실험은 통합 장치만 남기고 경로를 지웁니다. 그래도 남는 차이는 늘어난 파라미터 덕분입니다.',
    },
  ),
  ...sourceFields,
  advanced(
    integerField(
      'width',
      [32, 1, 1024],
      { en: 'Width of the unit', ko: '통합 장치의 너비' },
      { en: 'The paper’s code: 128 in a model 4096 wide.', ko: '논문의 코드: 너비 4096인 모델에서 128.' },
    ),
  ),
  problemsField(32),
  firstsField(8),
  temperatureField(0.5, {
    en: 'Of the base’s own answers. Paper: 0.5.',
    ko: '기준 모델이 답할 때의 온도입니다. 논문: 0.5.',
  }),
  maxNormField,
  ...adapterFields
    .filter(({ name }) => name !== 'method')
    .map((field): Field => (field.name === 'targets' ? ({ ...field, default: 'q_proj, v_proj' } as Field) : field)),
];

/** NAT is about low-rank paths: there is no variant that trains all weights. */
export const natAdapter = (settings: Settings): AdapterConfig => adapterConfig({ ...settings, method: 'lora' });

/** Answers of the step's problems that are right (1) or wrong (0), behind their prompts; and which of all they are. */
export function answersThatAre(sampled: Sampled, wanted: 0 | 1) {
  const { firsts } = sampled;
  const kept = Uint8Array.from(sampled.r1, (r) => Number(r === wanted));
  const groups = sampled.prompts.flatMap((context, p) => {
    const turns = sampled.rollout.first.slice(p * firsts, (p + 1) * firsts);
    const answers = turns.filter((_, k) => kept[p * firsts + k]).map((turn) => turn.tokens);
    return answers.length > 0 ? [{ context, answers }] : [];
  });
  return { kept, groups };
}

/** Steps up to `integrated`; the first `negative` of them on wrong answers. */
export async function* natStages(job: Job, negative: number, integrated: number) {
  const { model, settings, seed, state } = job;
  const { problems, firsts, temperature, learningRate, maxNorm, width } = settings as Record<string, number>;

  for (let entered = ''; state.step < integrated; ) {
    const step = state.step;
    const isNegative = step < negative;
    const name = isNegative ? 'negative' : 'integrate';
    if (name !== entered) yield { type: 'stage.entered' as const, step, stage: name };
    entered = name;
    if (step === negative) integrateNegative(state, model, seed, width, settings.negative === 'zero');

    // rollouts
    const amounts = { problems, firsts, seconds: 0, temperature };
    const attempts = await teacherAttempts(job, step, amounts);

    // rewards
    const sampled = judgeAttempts(job, step, amounts, attempts);

    // advantages: none, each stage follows the answers of one kind
    const { kept, groups } = answersThatAre(sampled, isNegative ? 0 : 1);

    // loss -> optimizer
    const [from, to] = isNegative ? [0, negative] : [negative, integrated];
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
      tokens: batch?.tokens ?? 0,
    };
  }
}
