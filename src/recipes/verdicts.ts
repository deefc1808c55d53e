// Asking a model for a verdict on an answer: the question and the two words, spare ones of the vocabulary or the task's own, and pairs of
// a right and a wrong answer to learn them from. For rankers and evaluators.
import type { CounterRng } from '../lib/counterRng';
import type { Field } from '../protocol/fields';
import { choiceField } from './fieldKinds';
import type { Job } from './recipe';
import type { Sampled } from './sampledAttempts';

export const verdictWordsField: Field = choiceField(
  'words',
  'spare',
  {
    spare: { en: 'new ones, learned here', ko: '여기서 배우는 새 단어' },
    task: { en: 'the task’s own', ko: '과제에 있는 단어' },
  },
  { en: 'Words for a verdict', ko: '판정에 쓰는 단어' },
  {
    en: 'The bundled model already knows the task’s own (yes, no): then there is little left to learn.',
    ko: '내장 모델은 과제의 단어(yes, no)를 이미 알고 있어서, 그 단어를 쓰면 배울 것이 거의 없습니다.',
  },
);

/** Words the bundled vocabulary keeps free; `<spare_0>` is C-RLFT's. */
const SPARE = { question: '<spare_3>', verdicts: ['<spare_1>', '<spare_2>'] } as const;

/** The question and the two verdicts, by their tokens. */
export function verdictWords({ model, task, settings }: Job): { question: string; verdicts: Int32Array[] } {
  const { review } = task;
  if (settings.words === 'task' && !review?.verdicts) {
    throw new RangeError(`verdicts: expected a task with words for a verdict, ${task.id} has none. Choose new words.`);
  }
  const own = settings.words === 'task' ? review : undefined;
  const [question, words] = [own?.question ?? SPARE.question, own?.verdicts ?? SPARE.verdicts];
  const verdicts = words.map((word) => Int32Array.from(model.tokenizer.encode(word)));
  if (verdicts.some(({ length }) => length !== 1)) {
    throw new RangeError(
      `verdicts: expected verdicts of one token each, "${words.join('" and "')}" are ${verdicts.map(({ length }) => length).join(' and ')}. Choose another model.`,
    );
  }
  return { question, verdicts };
}

/** One right and one wrong answer of every problem that has both, as indexes of answers. */
export function drawVerdictPairs({ r1, prompts, firsts }: Sampled, rng: CounterRng): number[] {
  return prompts.flatMap((_, p) => {
    const own = Array.from({ length: firsts }, (_, k) => p * firsts + k);
    const [right, wrong] = [1, 0].map((r) => own.filter((f) => r1[f] === r));
    return right.length > 0 && wrong.length > 0 ? [right, wrong].map((list) => list[rng.integer(list.length)]) : [];
  });
}
