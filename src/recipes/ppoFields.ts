// Settings of PPO, TRL's names in the help.
import type { Field } from '../protocol/fields';
import { adapterFields } from './adapterFields';
import {
  advanced,
  choiceField,
  firstsField,
  learningRateField,
  maxNormField,
  numberField,
  problemsField,
  secondsField,
  switchField,
  temperatureField,
} from './fieldKinds';
import { attemptsField, updatesField } from './grpoFields';

export const ppoFields: readonly Field[] = [
  {
    ...attemptsField,
    help: {
      en: 'Each attempt is an episode of its own and earns its own reward only.',
      ko: '각 시도는 독립된 에피소드이며 자기 보상만 받습니다.',
    },
  },
  learningRateField(0.0005),
  numberField(
    'beta',
    [0.01, 0, 10],
    { en: 'KL weight β', ko: 'KL 가중치 β' },
    {
      en: 'Log ratio to the base, in every token’s reward. TRL: 0.05.',
      ko: '토큰마다 기준 모델과의 로그 비율을 보상에서 뺍니다. TRL: 0.05.',
    },
  ),
  advanced(
    choiceField(
      'estimator',
      'k1',
      { k1: { en: 'k1 (log ratio)', ko: 'k1(로그 비율)' }, k3: { en: 'k3 (never negative)', ko: 'k3(음수가 아님)' } },
      { en: 'KL estimator', ko: 'KL 추정량' },
      { en: 'TRL: k1.', ko: 'TRL: k1.' },
    ),
  ),
  advanced(
    numberField(
      'gamma',
      [1, 0, 1],
      { en: 'Discount γ', ko: '할인율 γ' },
      { en: 'Per token. TRL: 1.', ko: '토큰마다 곱합니다. TRL: 1.' },
    ),
  ),
  advanced(
    numberField(
      'lambda',
      [0.95, 0, 1],
      { en: 'λ of the advantages', ko: '이점의 λ' },
      {
        en: '0: trusts the critic, 1: trusts the reward alone. TRL: 0.95.',
        ko: '0이면 비평가를, 1이면 보상만 믿습니다. TRL: 0.95.',
      },
    ),
  ),
  advanced(
    numberField(
      'clip',
      [0.2, 0, 10],
      { en: 'Clip ε of the ratio', ko: '비율을 자르는 폭 ε' },
      { en: 'TRL: cliprange, 0.2.', ko: 'TRL의 cliprange: 0.2.' },
    ),
  ),
  advanced(
    numberField(
      'valueClip',
      [0.2, 0, 10],
      { en: 'Clip of the critic', ko: '비평가를 자르는 폭' },
      {
        en: 'How far a value may move in one step. TRL: 0.2.',
        ko: '한 단계에서 값이 움직일 수 있는 폭입니다. TRL: 0.2.',
      },
    ),
  ),
  advanced(
    numberField(
      'valueCoefficient',
      [0.1, 0, 100],
      { en: 'Weight of the critic’s loss', ko: '비평가 손실의 가중치' },
      { en: 'TRL: vf_coef, 0.1.', ko: 'TRL의 vf_coef: 0.1.' },
    ),
  ),
  advanced(
    switchField(
      'whitenRewards',
      false,
      { en: 'Rewards scaled to variance 1', ko: '보상의 분산을 1로' },
      { en: 'TRL: whiten_rewards.', ko: 'TRL의 whiten_rewards입니다.' },
    ),
  ),
  updatesField,
  problemsField(32),
  firstsField(4),
  secondsField(2),
  temperatureField(1, { en: 'Honoured in the loss.', ko: '손실에도 그대로 씁니다.' }),
  maxNormField,
  ...adapterFields,
];
