// What the stages of the trainers are called: KTO, REINFORCE, PPO, GKD, Reflexion.
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
