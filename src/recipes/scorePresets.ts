// The ablations of Kumar et al. 2024 (arXiv 2409.12917, table 4) as choices of settings, and two of them at once.
import type { RecipePreset } from '../protocol/events';

export const scorePresets: readonly RecipePreset[] = [
  {
    id: 'no-stage-one',
    title: { en: 'Ablation: no Stage I', ko: '비교 실험: 1단계 없음' },
    settings: { stageOne: false },
  },
  {
    id: 'no-shaping',
    title: { en: 'Ablation: no reward shaping', ko: '비교 실험: 보상 조정 없음' },
    settings: { shaping: false },
  },
  {
    id: 'plain-multi-turn',
    title: { en: 'Ablation: neither (plain multi-turn RL)', ko: '비교 실험: 둘 다 없음(단순 다회 강화학습)' },
    settings: { stageOne: false, shaping: false },
  },
  {
    id: 'single-turn',
    title: { en: 'Ablation: single turn', ko: '비교 실험: 한 번의 시도' },
    settings: { multiTurn: false },
  },
  {
    id: 'total-return',
    title: { en: 'Mistake: attempt 1 earns the total return', ko: '실수: 첫 시도가 전체 보상을 받음' },
    settings: { credit: 'total_return', stageOne: false },
  },
];
