// The settings of SCoRe. Defaults are those that were tried out on Dial in PyTorch beforehand, unchanged
// (docs/log.md); the paper's own values stand in the help.
import type { Field } from '../protocol/fields';
import { adapterFields } from './adapterFields';

const integer = (
  name: string,
  value: number,
  min: number,
  max: number,
  unit: string,
  label: Field['label'],
  help: Field['help'],
  advanced = true,
): Field => ({
  kind: 'integer',
  name,
  default: value,
  min,
  max,
  unit,
  label,
  help,
  advanced,
});

const number = (...args: Parameters<typeof integer>): Field => ({ ...integer(...args), kind: 'number' }) as Field;

const onOff = (name: string, label: Field['label'], help: Field['help']): Field => ({
  kind: 'switch',
  name,
  default: true,
  label,
  help,
});

export const scoreFields: readonly Field[] = [
  onOff(
    'multiTurn',
    { en: 'Two attempts', ko: '두 번의 시도' },
    {
      en: 'Off: ordinary single-turn RL on the first attempt (the paper’s ablation).',
      ko: '끄면 첫 시도만 학습하는 일반 강화학습입니다(논문의 비교 실험).',
    },
  ),
  onOff(
    'stageOne',
    { en: 'Stage I', ko: '1단계' },
    {
      en: 'First hold attempt 1 close to the base and improve attempt 2 only.',
      ko: '먼저 첫 시도는 기준 모델 가까이에 붙들고 두 번째 시도만 개선합니다.',
    },
  ),
  onOff(
    'shaping',
    { en: 'Reward shaping', ko: '보상 조정' },
    {
      en: 'In Stage II, attempt 2 also earns α (r2 − r1): mending pays, breaking costs.',
      ko: '2단계에서 두 번째 시도에 α (r2 − r1)을 더합니다. 고치면 이득, 망치면 손해입니다.',
    },
  ),
  number('alpha', 10, 0, 100, '', { en: 'Shaping α', ko: '보상 조정 α' }, { en: 'Paper: 10.', ko: '논문: 10.' }, false),
  number(
    'beta1',
    0.01,
    0,
    10,
    '',
    { en: 'KL weight β1', ko: 'KL 가중치 β1' },
    {
      en: 'Pull towards the base on both attempts (Stage I: on attempt 2). Paper: 0.01.',
      ko: '두 시도를 기준 모델 쪽으로 당기는 힘입니다(1단계는 두 번째 시도). 논문: 0.01.',
    },
    false,
  ),
  number(
    'beta2',
    0.1,
    0,
    100,
    '',
    { en: 'KL weight β2', ko: 'KL 가중치 β2' },
    {
      en: 'Stage I: how strongly attempt 1 is held at the base. Paper: 0.1 (MATH), 0.25 (code).',
      ko: '1단계에서 첫 시도를 기준 모델에 붙드는 힘입니다. 논문: 0.1(MATH), 0.25(코드).',
    },
    false,
  ),
  {
    name: 'kl',
    kind: 'choice',
    default: 'full',
    advanced: true,
    options: [
      { value: 'full', label: { en: 'full vocabulary, in the loss', ko: '전체 어휘, 손실 항' } },
      { value: 'k1_in_reward', label: { en: 'log ratio, in the reward', ko: '로그 비율, 보상 항' } },
    ],
    label: { en: 'KL as', ko: 'KL 방식' },
    help: {
      en: 'Both have the gradient of KL(policy ‖ base); the first has less noise.',
      ko: '둘 다 KL(정책 ‖ 기준)의 기울기를 갖고, 앞의 것이 잡음이 적습니다.',
    },
  },
  {
    name: 'baseline',
    kind: 'choice',
    default: 'same_first_attempt',
    advanced: true,
    options: [
      { value: 'same_first_attempt', label: { en: 'same first attempt', ko: '같은 첫 시도끼리' } },
      { value: 'trajectory', label: { en: 'all of the problem', ko: '같은 문제 전체' } },
      { value: 'none', label: { en: 'none', ko: '없음' } },
    ],
    label: { en: 'Baseline of attempt 2', ko: '두 번째 시도의 기준선' },
    help: {
      en: 'Second attempts are compared with the others of this group.',
      ko: '두 번째 시도를 이 묶음의 다른 것들과 비교합니다.',
    },
  },
  {
    name: 'credit',
    kind: 'choice',
    default: 'own_reward',
    advanced: true,
    options: [
      { value: 'own_reward', label: { en: 'its own reward (paper)', ko: '자기 보상(논문)' } },
      { value: 'total_return', label: { en: 'the total return (a mistake)', ko: '전체 보상(실수)' } },
    ],
    label: { en: 'Attempt 1 earns', ko: '첫 시도의 몫' },
    help: {
      en: 'With the total return the bonus pays attempt 1 for being wrong: Δ soars while Acc@t1 falls. To see, not to use.',
      ko: '전체 보상을 주면 보너스가 첫 시도의 오답에 값을 치릅니다. Δ는 치솟고 Acc@t1은 무너집니다. 보기 위한 설정입니다.',
    },
  },
  number(
    'learningRate',
    0.001,
    1e-7,
    1,
    '',
    { en: 'Learning rate', ko: '학습률' },
    { en: 'Peak rate of Adam.', ko: 'Adam의 최대 학습률입니다.' },
    false,
  ),
  integer(
    'problems',
    64,
    1,
    1024,
    '',
    { en: 'Problems per step', ko: '단계당 문제 수' },
    { en: 'More: steadier, slower.', ko: '많을수록 안정되고 느립니다.' },
  ),
  integer(
    'firsts',
    2,
    1,
    32,
    '',
    { en: 'First attempts per problem', ko: '문제당 첫 시도' },
    { en: 'At least 2 for a baseline.', ko: '기준선을 위해 2 이상이 좋습니다.' },
  ),
  integer(
    'seconds',
    4,
    1,
    32,
    '',
    { en: 'Second attempts per first', ko: '첫 시도당 두 번째 시도' },
    { en: 'They share the first attempt’s computation.', ko: '첫 시도의 계산을 함께 씁니다.' },
  ),
  number(
    'stageOneShare',
    0.43,
    0,
    1,
    '',
    { en: 'Share of Stage I', ko: '1단계 비율' },
    { en: 'Part of all steps. The paper does not say.', ko: '전체 단계 중 비율입니다. 논문에는 없습니다.' },
  ),
  number(
    'temperature',
    1,
    0.05,
    5,
    '',
    { en: 'Sampling temperature', ko: '표집 온도' },
    { en: 'Honoured in the loss. Paper: 1.', ko: '손실에도 그대로 씁니다. 논문: 1.' },
  ),
  integer(
    'warmup',
    1,
    0,
    1000,
    'steps',
    { en: 'Warm-up', ko: '예열' },
    { en: 'Steps until the peak rate.', ko: '최대 학습률까지의 단계 수입니다.' },
  ),
  number(
    'decay',
    0.3,
    0,
    1,
    '',
    { en: 'Share of decay', ko: '감쇠 비율' },
    {
      en: 'Last part of the steps, in which the rate falls to a tenth.',
      ko: '학습률이 10분의 1로 줄어드는 마지막 구간입니다.',
    },
  ),
  number(
    'weightDecay',
    0,
    0,
    1,
    '',
    { en: 'Weight decay', ko: '가중치 감쇠' },
    { en: 'Decoupled, as in AdamW.', ko: 'AdamW 방식입니다.' },
  ),
  number(
    'maxNorm',
    1,
    0,
    1000,
    '',
    { en: 'Gradient norm limit', ko: '기울기 크기 한도' },
    { en: 'Global norm; 0 = off.', ko: '전체 크기 기준이며 0이면 끕니다.' },
  ),
  ...adapterFields,
];
