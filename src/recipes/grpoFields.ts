// Settings of GRPO, TRL's names in the help.
import type { Field } from '../protocol/fields';
import { adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  integerField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  secondsField,
  switchField,
  temperatureField,
} from './fieldKinds';

const named = (name: string) => ({ en: name, ko: name });

export const attemptsField: Field = choiceField(
  'attempts',
  'both',
  {
    first: { en: 'first attempts', ko: '첫 시도' },
    second: { en: 'second attempts', ko: '두 번째 시도' },
    both: { en: 'both', ko: '둘 다' },
  },
  { en: 'What is practised', ko: '연습 대상' },
  {
    en: 'Each attempt is compared with the others after the same context, and earns its own reward only.',
    ko: '각 시도를 같은 맥락 뒤의 다른 시도와 비교하며, 자기 보상만 받습니다.',
  },
);

export const updatesField: Field = advanced(
  integerField(
    'updates',
    [1, 1, 16],
    { en: 'Updates per sample', ko: '표집당 업데이트' },
    {
      en: 'TRL: num_iterations. From the second on, the clip matters.',
      ko: 'TRL의 num_iterations입니다. 두 번째부터 클립이 작동합니다.',
    },
  ),
);

export const epsilonField = (name: 'epsilonLow' | 'epsilonHigh'): Field =>
  advanced(
    numberField(
      name,
      [0.2, 0, 10],
      name === 'epsilonLow' ? { en: 'ε low', ko: 'ε 아래' } : { en: 'ε high', ko: 'ε 위' },
      name === 'epsilonLow'
        ? { en: 'The ratio is clipped at 1 − ε.', ko: '비율을 1 − ε에서 자릅니다.' }
        : {
            en: 'At 1 + ε. DAPO: 0.28. With cispo the cap of the ratio itself.',
            ko: '1 + ε에서 자릅니다. DAPO: 0.28. cispo에서는 비율 자체의 상한입니다.',
          },
    ),
  );

export const grpoFields: readonly Field[] = [
  attemptsField,
  learningRateField(0.001),
  numberField(
    'beta',
    [0, 0, 10],
    { en: 'KL weight β', ko: 'KL 가중치 β' },
    { en: 'k3, in the loss. TRL: 0; paper: 0.04.', ko: 'k3를 손실에 더합니다. TRL: 0, 논문: 0.04.' },
  ),
  advanced(
    choiceField(
      'loss',
      'dapo',
      Object.fromEntries(
        ['grpo', 'bnpo', 'dapo', 'dr_grpo', 'cispo', 'sapo', 'luspo'].map((name) => [name, named(name)]),
      ),
      { en: 'Loss', ko: '손실' },
      {
        en: 'How tokens are averaged: grpo per answer (paper), dapo over all tokens (TRL), dr_grpo by a constant, luspo not at all; cispo caps the ratio, sapo gates it softly.',
        ko: '토큰을 평균하는 방식입니다. grpo는 답마다(논문), dapo는 전체 토큰(TRL), dr_grpo는 상수로 나누고 luspo는 나누지 않습니다. cispo는 비율을 제한하고 sapo는 부드럽게 막습니다.',
      },
    ),
  ),
  advanced(
    choiceField(
      'scale',
      'group',
      { group: { en: 'group', ko: '묶음' }, batch: { en: 'batch', ko: '배치' }, none: { en: 'none', ko: '없음' } },
      { en: 'Advantages divided by the spread of', ko: '이점을 나눌 표준편차' },
      { en: 'Paper: group. Dr. GRPO: none.', ko: '논문: 묶음. Dr. GRPO: 없음.' },
    ),
  ),
  advanced(
    choiceField(
      'level',
      'token',
      { token: { en: 'token', ko: '토큰' }, sequence: { en: 'answer (GSPO)', ko: '답 전체(GSPO)' } },
      { en: 'Ratio per', ko: '비율의 단위' },
      {
        en: 'One importance ratio per token, or one per answer.',
        ko: '토큰마다 또는 답마다 하나의 중요도 비율을 씁니다.',
      },
    ),
  ),
  epsilonField('epsilonLow'),
  epsilonField('epsilonHigh'),
  advanced(
    numberField(
      'delta',
      [0, 0, 100],
      { en: 'Limit δ of the ratio', ko: '비율의 상한 δ' },
      {
        en: 'Caps the unclipped ratio too (INTELLECT-2). 0 = off.',
        ko: '자르지 않은 비율에도 상한을 둡니다(INTELLECT-2). 0이면 끕니다.',
      },
    ),
  ),
  updatesField,
  advanced(
    switchField(
      'correctKl',
      false,
      { en: 'Corrected KL', ko: '보정한 KL' },
      {
        en: 'Multiplies k3 by the ratio: the gradient of KL(policy ‖ base).',
        ko: 'k3에 비율을 곱해 KL(정책 ‖ 기준)의 기울기로 만듭니다.',
      },
    ),
  ),
  problemsField(32),
  firstsField(4),
  secondsField(4),
  temperatureField(1, { en: 'Honoured in the loss.', ko: '손실에도 그대로 씁니다.' }),
  maxNormField,
  ...adapterFields,
];
