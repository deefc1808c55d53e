// Answers of a teacher who makes mistakes, for the methods that learn from right and wrong ones: the task's own solver, right as often
// as it is told to be, or the base model itself. With the fields that choose between them.
import { CounterRng, counterBits } from '../lib/counterRng';
import type { Field } from '../protocol/fields';
import { answerTokens } from '../train/answerBatch';
import { advanced, choiceField, numberField } from './fieldKinds';
import type { Job } from './recipe';
import { type Amounts, sampleAttempts } from './sampledAttempts';

export const sourceFields: readonly Field[] = [
  choiceField(
    'source',
    'teacher',
    {
      teacher: { en: 'a noisy teacher', ko: '실수하는 교사' },
      self: { en: 'the base itself', ko: '기준 모델 자신' },
    },
    { en: 'Who answers', ko: '답을 쓰는 쪽' },
    {
      en: 'The teacher is the task’s solver, right as often as set below.',
      ko: '교사는 과제의 풀이기이며 아래 비율만큼 맞힙니다.',
    },
  ),
  advanced(
    numberField(
      'teacherRight',
      [0.47, 0, 1],
      { en: 'Teacher right', ko: '교사의 정답률' },
      { en: 'The paper’s GPT-4: 0.47, GPT-3.5: 0.35.', ko: '논문의 GPT-4: 0.47, GPT-3.5: 0.35.' },
    ),
  ),
];

/** Right answers of the task's solver to the step's problems, in the form of sampled ones. A function of (seed, step). */
export function solverAttempts(job: Job, step: number, amounts: Amounts): ReturnType<typeof sampleAttempts> {
  return teacherAttempts({ ...job, settings: { ...job.settings, source: 'teacher', teacherRight: 1 } }, step, amounts);
}

/** First answers to the step's problems, by the settings `source` and `teacherRight`. A function of (seed, step). */
export async function teacherAttempts(job: Job, step: number, amounts: Amounts): ReturnType<typeof sampleAttempts> {
  const { model, task, settings, seed } = job;
  const { solve, mistake } = task;
  const isTaught = settings.source === 'teacher';
  if (isTaught && !(solve && mistake)) {
    throw new RangeError(
      `teacher: expected a task that knows right and wrong answers, ${task.id} does not. Let the base itself answer.`,
    );
  }
  const attempts = await sampleAttempts(job, null, step, amounts);
  if (!isTaught) return attempts;
  const rng = new CounterRng(seed, counterBits(seed, 0x6e656761, step));
  attempts.rollout.first = attempts.rollout.first.map((_, f) => {
    const write = rng.uniform() < (settings.teacherRight as number) ? solve! : mistake!;
    const tokens = answerTokens(model, write(rng, attempts.drawn[Math.floor(f / amounts.firsts)]));
    const unknown = new Float32Array(tokens.length).fill(Number.NaN);
    return { tokens, logProbs: unknown, entropies: unknown, finish: 'end' as const };
  });
  return attempts;
}
