// Pairs of a right and a wrong sampled answer to the same context, for the methods that learn from preferences, and their fields.
import type { CounterRng } from '../lib/counterRng';
import type { Field } from '../protocol/fields';
import { continued } from '../rollouts/answerContexts';
import type { AnswerGroup } from '../train/answerBatch';
import { pickSome } from '../train/offlineSets';
import { advanced, choiceField, integerField } from './fieldKinds';
import type { Job } from './recipe';
import type { Sampled } from './sampledAttempts';

export const pairedAttemptField: Field = choiceField(
  'attempt',
  'second',
  { first: { en: 'first attempts', ko: '첫 시도' }, second: { en: 'second attempts', ko: '두 번째 시도' } },
  { en: 'Pairs of', ko: '짝을 이루는 답' },
  {
    en: 'Second: revisions of the very same first answer.',
    ko: '두 번째: 같은 첫 답을 고친 답끼리 짝을 이룹니다.',
  },
);

export const pairsField: Field = advanced(
  integerField(
    'pairs',
    [2, 1, 64],
    { en: 'Pairs per context', ko: '맥락당 짝의 수' },
    { en: 'Chosen at random.', ko: '무작위로 고릅니다.' },
  ),
);

export interface SampledPairs {
  groups: AnswerGroup[];
  /** indices of answers of the groups: [better, worse] */
  pairs: [number, number][];
  /** [answers sampled] 1 better, 0 worse, NaN in no pair */
  preferred: Float32Array;
}

/** At most `most` pairs of every context that has right and wrong answers, drawn by `rng`. */
export function pairUp({ model, task }: Job, sampled: Sampled, most: number, rng: CounterRng): SampledPairs {
  const { rollout, prompts, seconds, firsts } = sampled;
  const [turns, rewards, size] =
    seconds > 0 ? [rollout.second, sampled.r2, seconds] : [rollout.first, sampled.r1, firsts];
  const preferred = new Float32Array(turns.length).fill(Number.NaN);
  const groups: AnswerGroup[] = [];
  const pairs: [number, number][] = [];
  for (let start = 0; start < turns.length; start += size) {
    const members = Array.from({ length: size }, (_, k) => start + k);
    const all = members
      .filter((right) => rewards[right] === 1)
      .flatMap((right) => members.filter((wrong) => rewards[wrong] === 0).map((wrong) => [right, wrong]));
    const chosen = pickSome(all, most, rng);
    if (chosen.length === 0) continue;
    const first = Math.floor(start / size);
    const prompt = prompts[seconds > 0 ? Math.floor(first / firsts) : first];
    const context = seconds > 0 ? continued(model, prompt, rollout.first[first], task.instruction) : prompt;
    for (const [right, wrong] of chosen) {
      pairs.push([2 * pairs.length, 2 * pairs.length + 1]);
      preferred[right] = 1;
      preferred[wrong] = 0;
    }
    groups.push({ context, answers: chosen.flat().map((index) => turns[index].tokens) });
  }
  return { groups, pairs, preferred };
}
