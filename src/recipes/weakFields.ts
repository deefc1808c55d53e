// Settings of weak-to-strong.
import type { Field } from '../protocol/fields';
import { adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  integerField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  switchField,
} from './fieldKinds';
import { verdictWordsField } from './verdicts';

export const weakFields: readonly Field[] = [
  choiceField(
    'loss',
    'confidence',
    {
      naive: { en: 'soft labels', ko: '부드러운 레이블' },
      confidence: { en: 'with the student’s own confidence', ko: '학생 자신의 확신을 더함' },
      product: { en: 'product', ko: '곱' },
    },
    { en: 'Loss of the student', ko: '학생의 손실' },
    {
      en: 'Confidence lets the student disagree with its supervisor. Paper: best for large gaps.',
      ko: '확신을 더하면 학생이 교사와 다르게 답할 수 있습니다. 논문: 차이가 클 때 가장 좋았습니다.',
    },
  ),
  integerField(
    'weakRank',
    [1, 1, 256],
    { en: 'Rank of the supervisor', ko: '교사의 랭크' },
    { en: 'Smaller: weaker.', ko: '작을수록 약합니다.' },
  ),
  numberField(
    'weakShare',
    [0.25, 0, 0.9],
    { en: 'Share of steps for the supervisor', ko: '교사를 가르치는 단계의 비율' },
    { en: 'Fewer: weaker. The rest is shared equally.', ko: '적을수록 약합니다. 나머지는 똑같이 나눕니다.' },
  ),
  switchField(
    'bootstrap',
    false,
    { en: 'A model in between', ko: '중간 모델' },
    { en: 'Supervisor → model of a middle rank → student.', ko: '교사 → 중간 랭크의 모델 → 학생 순서로 가르칩니다.' },
  ),
  advanced(
    choiceField(
      'schedule',
      'paper',
      {
        paper: { en: 'a line up', ko: '일정하게 늘림' },
        reference: { en: 'as in the public code', ko: '공개 코드대로' },
      },
      { en: 'How the confidence grows', ko: '확신이 늘어나는 방식' },
      {
        en: 'The public code jumps after its warm-up instead of rising to the end of it.',
        ko: '공개 코드는 예열이 끝난 뒤 한꺼번에 뜁니다.',
      },
    ),
  ),
  advanced(
    numberField(
      'alpha',
      [0.5, 0, 1],
      { en: 'Weight α of the confidence', ko: '확신의 가중치 α' },
      { en: 'At its largest. Public code: 0.5.', ko: '가장 클 때의 값입니다. 공개 코드: 0.5.' },
    ),
  ),
  advanced(
    numberField(
      'warmup',
      [0.2, 0, 1],
      { en: 'Warm-up', ko: '예열' },
      { en: 'Share of the student’s steps. Public code: 0.1.', ko: '학생 단계 가운데의 비율입니다. 공개 코드: 0.1.' },
    ),
  ),
  verdictWordsField,
  learningRateField(0.003),
  problemsField(32),
  advanced(
    integerField(
      'measured',
      [200, 1, 2000],
      { en: 'Problems measured on', ko: '측정에 쓰는 문제 수' },
      { en: 'Of the validation slice, the same at every step.', ko: '검증용 문제이며 단계마다 같습니다.' },
    ),
  ),
  maxNormField,
  ...adapterFields.filter(({ name }) => name !== 'method'),
];
