// Who writes the answers that a method compares: the base, as in the papers' fixed sets, or the policy as it is now.
import type { Field } from '../protocol/fields';
import { advanced, choiceField } from './fieldKinds';

export const samplerField: Field = advanced(
  choiceField(
    'sampler',
    'base',
    {
      base: { en: 'the base', ko: '기준 모델' },
      policy: { en: 'the model being trained', ko: '학습 중인 모델' },
    },
    { en: 'Who answers', ko: '답을 쓰는 쪽' },
    {
      en: 'The base: as from a fixed set. The model itself: pairs of what it would write now.',
      ko: '기준 모델: 정해진 자료와 같습니다. 학습 중인 모델: 지금 쓸 답끼리 짝을 이룹니다.',
    },
  ),
);
