// What the stages of recipes are called in both languages. A stage that several recipes have has one set of words: pages find it
// by its name alone. `*` in a stage's name is a number, {1} and {2} in its words are the numbers in their order.
import type { Bilingual, StageWords } from '../protocol/fields';

export const words = (stage: string, name: Bilingual, sentence: Bilingual): StageWords => ({ stage, name, sentence });

export const scoreStages: readonly StageWords[] = [
  words(
    'stage_1',
    { en: 'Stage I', ko: '1단계' },
    {
      en: 'First: change nothing about the first attempt, make the second one good.',
      ko: '첫 시도는 그대로 두고, 두 번째 시도만 좋게 만듭니다.',
    },
  ),
  words(
    'stage_2',
    { en: 'Stage II', ko: '2단계' },
    {
      en: 'Then: improve both, with a bonus for turning wrong into right and a penalty for the reverse.',
      ko: '두 시도를 함께 좋게 만듭니다. 오답을 정답으로 바꾸면 가산점, 정답을 오답으로 바꾸면 감점입니다.',
    },
  ),
  words(
    'single_turn',
    { en: 'Single turn', ko: '한 번 시도' },
    { en: 'Only the first attempt is rewarded.', ko: '첫 시도에만 보상을 줍니다.' },
  ),
];

export const scoreStarStages: readonly StageWords[] = [
  scoreStages[0],
  words(
    'star_stage_2',
    { en: 'Stage II (STaR)', ko: '2단계(STaR)' },
    {
      en: 'Then: learn from corrections that the policy of Stage I wrote itself.',
      ko: '이제 1단계를 마친 모델이 스스로 바로잡은 답에서 배웁니다.',
    },
  ),
];

export const refcodeStages: readonly StageWords[] = [
  words(
    'refcode_stage_1',
    { en: 'Stage I (public code)', ko: '1단계(공개 코드)' },
    {
      en: 'Cross-entropy on the question and the original answer, right or wrong.',
      ko: '질문과 원래 답에 교차 엔트로피를 씁니다. 답이 틀려도 그대로 배웁니다.',
    },
  ),
  words(
    'refcode_stage_2',
    { en: 'Stage II (public code)', ko: '2단계(공개 코드)' },
    {
      en: 'Cross-entropy on the right answer, times a reward.',
      ko: '맞는 답의 교차 엔트로피에 보상을 곱합니다.',
    },
  ),
];

export const iterationStages: readonly StageWords[] = [
  words(
    'iteration_*',
    { en: 'Iteration {1}', ko: '{1}회차' },
    {
      en: 'Learns from answers that the model of the iteration before wrote.',
      ko: '바로 앞 회차의 모델이 쓴 답에서 배웁니다.',
    },
  ),
];

export const growStages: readonly StageWords[] = [
  words(
    'grow_*_improve_*',
    { en: 'Grow {1}, improve {2}', ko: '생성 {1}, 개선 {2}' },
    {
      en: 'The answers come from one frozen model; each improvement keeps fewer and better ones of them.',
      ko: '답은 고정된 한 모델이 씁니다. 개선할 때마다 더 좋은 답만 남깁니다.',
    },
  ),
];

export const supervisedStages: readonly StageWords[] = [
  words(
    'supervised',
    { en: 'Imitation', ko: '따라 배우기' },
    { en: 'Learns to write the answers it is shown.', ko: '보여 준 답을 그대로 쓰도록 배웁니다.' },
  ),
];

export const preferenceStages: readonly StageWords[] = [
  words(
    'preferences',
    { en: 'Preferences', ko: '선호 학습' },
    {
      en: 'Of two answers to the same problem the right one is to become likelier than the wrong one.',
      ko: '같은 문제의 두 답 가운데 맞는 답의 확률을 틀린 답보다 높입니다.',
    },
  ),
];

export const grpoStages: readonly StageWords[] = [
  words(
    'grpo',
    { en: 'GRPO', ko: 'GRPO' },
    {
      en: 'Several answers to each problem are compared with one another.',
      ko: '문제마다 여러 답을 쓰게 하고 서로 견줍니다.',
    },
  ),
];

export const rlooStages: readonly StageWords[] = [
  words(
    'rloo',
    { en: 'RLOO', ko: 'RLOO' },
    {
      en: 'Each answer is compared with the mean of the other answers to the same problem.',
      ko: '각 답을 같은 문제의 다른 답들의 평균과 견줍니다.',
    },
  ),
];

export const natStageWords: readonly StageWords[] = [
  words(
    'negative',
    { en: 'Wrong answers', ko: '틀린 답' },
    { en: 'First: a path of its own learns the wrong answers.', ko: '먼저 별도의 경로가 틀린 답을 배웁니다.' },
  ),
  words(
    'integrate',
    { en: 'Integration', ko: '통합' },
    {
      en: 'Then: that path is frozen, and a second one learns the right answers beside it.',
      ko: '이제 그 경로를 고정하고, 나란히 놓인 두 번째 경로가 맞는 답을 배웁니다.',
    },
  ),
];

export const nceStages: readonly StageWords[] = [
  ...natStageWords,
  words(
    'student',
    { en: 'Student', ko: '학생' },
    {
      en: 'Last: a fresh student follows the right answers and the model that learned before.',
      ko: '마지막으로 새 학생이 맞는 답과 앞서 배운 모델을 따라 배웁니다.',
    },
  ),
];

export const rankStages: readonly StageWords[] = [
  words(
    'rank',
    { en: 'Ranking', ko: '순위 학습' },
    {
      en: 'Learns to score right answers above wrong ones.',
      ko: '맞는 답에 틀린 답보다 높은 점수를 주도록 배웁니다.',
    },
  ),
];
