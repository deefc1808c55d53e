// What the stages of these are called: KTO, REINFORCE, PPO, GKD, Reflexion, sequential tasks, weak to strong.
import type { StageWords } from '../protocol/fields';
import { words } from './recipeStages';

export const judgedStages: readonly StageWords[] = [
  words(
    'judged',
    { en: 'Judged answers', ko: '판정한 답' },
    {
      en: 'Every answer by itself: right ones are to become likelier, wrong ones less likely.',
      ko: '답마다 따로 봅니다. 맞는 답의 확률은 높이고 틀린 답의 확률은 낮춥니다.',
    },
  ),
];

export const reinforceStages: readonly StageWords[] = [
  words(
    'reinforce',
    { en: 'REINFORCE', ko: 'REINFORCE' },
    {
      en: 'What earned more than usual becomes likelier, what earned less becomes rarer.',
      ko: '평소보다 보상을 많이 받은 답은 늘리고 적게 받은 답은 줄입니다.',
    },
  ),
];

export const ppoStages: readonly StageWords[] = [
  words(
    'ppo',
    { en: 'PPO', ko: 'PPO' },
    {
      en: 'A critic guesses the reward at every word; what turns out better than its guess becomes likelier.',
      ko: '비평가가 단어마다 보상을 짐작하고, 짐작보다 나은 선택의 확률을 높입니다.',
    },
  ),
];

export const gkdStages: readonly StageWords[] = [
  words(
    'teacher',
    { en: 'Teacher', ko: '교사' },
    { en: 'First: the teacher learns right answers.', ko: '먼저 교사가 맞는 답을 배웁니다.' },
  ),
  words(
    'distil',
    { en: 'Distillation', ko: '증류' },
    {
      en: 'Then: a fresh student follows the teacher, word by word.',
      ko: '이제 새 학생이 교사의 확률을 단어마다 따라갑니다.',
    },
  ),
];

export const reflexionStages: readonly StageWords[] = [
  words(
    'reflections',
    { en: 'Reflections', ko: '반성하는 말' },
    {
      en: 'Learns to say what went wrong with an answer, and to use what was said.',
      ko: '답이 왜 틀렸는지 말하고, 그 말을 다음 시도에 쓰도록 배웁니다.',
    },
  ),
];

export const sequentialStages: readonly StageWords[] = [
  words(
    'generator_*',
    { en: 'Generating {1}', ko: '풀기 {1}' },
    { en: 'Learns to write right solutions.', ko: '맞는 풀이를 쓰도록 배웁니다.' },
  ),
  words(
    'evaluator',
    { en: 'Evaluating', ko: '평가하기' },
    {
      en: 'Learns to score right solutions above wrong ones; the scores choose among samples.',
      ko: '맞는 풀이에 높은 점수를 주도록 배우고, 그 점수로 여러 풀이 가운데 하나를 고릅니다.',
    },
  ),
  words(
    'control',
    { en: 'Control', ko: '대조' },
    { en: 'Goes on generating, in place of evaluating.', ko: '평가하는 대신 계속 풉니다.' },
  ),
];

export const weakStages: readonly StageWords[] = [
  words(
    'supervisor',
    { en: 'Weak supervisor', ko: '약한 교사' },
    { en: 'A small adapter learns the truth, for a few steps.', ko: '작은 어댑터가 잠깐 정답을 배웁니다.' },
  ),
  words(
    'bootstrap',
    { en: 'In between', ko: '중간 모델' },
    {
      en: 'A larger one learns the supervisor’s labels, and becomes the supervisor.',
      ko: '더 큰 모델이 교사의 레이블을 배우고 새 교사가 됩니다.',
    },
  ),
  words(
    'ceiling',
    { en: 'Ceiling', ko: '상한' },
    { en: 'What the student could do with the truth.', ko: '학생이 정답으로 배운다면 어디까지 가는지 봅니다.' },
  ),
  words(
    'weak_student',
    { en: 'Strong student', ko: '강한 학생' },
    {
      en: 'Learns from the weak supervisor’s labels only.',
      ko: '약한 교사의 레이블만 보고 배웁니다.',
    },
  ),
];
