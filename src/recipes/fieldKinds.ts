// Short ways to write fields, and the fields that most recipes share: same name, same words, a default of one's own.
import type { Bilingual, Field } from '../protocol/fields';

type Range = [value: number, min: number, max: number];

export const integerField = (name: string, [value, min, max]: Range, label: Bilingual, help: Bilingual): Field => ({
  kind: 'integer',
  name,
  default: value,
  min,
  max,
  unit: '',
  label,
  help,
});

export const numberField = (name: string, [value, min, max]: Range, label: Bilingual, help: Bilingual): Field => ({
  kind: 'number',
  name,
  default: value,
  min,
  max,
  unit: '',
  label,
  help,
});

export const switchField = (name: string, value: boolean, label: Bilingual, help: Bilingual): Field => ({
  kind: 'switch',
  name,
  default: value,
  label,
  help,
});

export const choiceField = (
  name: string,
  value: string,
  options: Record<string, Bilingual>,
  label: Bilingual,
  help: Bilingual,
): Field => ({
  kind: 'choice',
  name,
  default: value,
  options: Object.entries(options).map(([option, text]) => ({ value: option, label: text })),
  label,
  help,
});

export const advanced = (field: Field): Field => ({ ...field, advanced: true });

export const learningRateField = (value: number): Field =>
  numberField(
    'learningRate',
    [value, 1e-7, 1],
    { en: 'Learning rate', ko: '학습률' },
    { en: 'Peak rate of Adam.', ko: 'Adam의 최대 학습률입니다.' },
  );

export const problemsField = (value: number): Field =>
  advanced(
    integerField(
      'problems',
      [value, 1, 1024],
      { en: 'Problems per step', ko: '단계당 문제 수' },
      { en: 'More: steadier, slower.', ko: '많을수록 안정되고 느립니다.' },
    ),
  );

export const firstsField = (value: number): Field =>
  advanced(
    integerField(
      'firsts',
      [value, 1, 64],
      { en: 'First attempts per problem', ko: '문제당 첫 시도' },
      { en: 'Sampled answers to each problem.', ko: '문제마다 표집하는 답의 수입니다.' },
    ),
  );

export const secondsField = (value: number): Field =>
  advanced(
    integerField(
      'seconds',
      [value, 1, 32],
      { en: 'Second attempts per first', ko: '첫 시도당 두 번째 시도' },
      { en: 'They share the first attempt’s computation.', ko: '첫 시도의 계산을 함께 씁니다.' },
    ),
  );

export const temperatureField = (value: number, help: Bilingual): Field =>
  advanced(numberField('temperature', [value, 0.05, 5], { en: 'Sampling temperature', ko: '표집 온도' }, help));

export const maxNormField: Field = advanced(
  numberField(
    'maxNorm',
    [1, 0, 1000],
    { en: 'Gradient norm limit', ko: '기울기 크기 한도' },
    { en: 'Global norm; 0 = off.', ko: '전체 크기 기준이며 0이면 끕니다.' },
  ),
);

export const iterationsField = (value: number, help: Bilingual): Field =>
  integerField('iterations', [value, 1, 50], { en: 'Iterations', ko: '반복 횟수' }, help);

export const plusField: Field = switchField(
  'plus',
  false,
  { en: 'Also right → right (D+)', ko: '맞음 → 맞음도 포함(D+)' },
  {
    en: 'Adds pairs in which both attempts are right, so that keeping a right answer is taught too.',
    ko: '두 시도가 모두 맞은 짝을 더해, 맞은 답을 지키는 것도 가르칩니다.',
  },
);
