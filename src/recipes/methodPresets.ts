// Named choices of settings of the other recipes: the variants their papers, or later ones, compare.
import type { RecipePreset } from '../protocol/events';
import type { Settings } from '../protocol/fields';

const preset = (id: string, en: string, ko: string, settings: Settings): RecipePreset => ({
  id,
  title: { en, ko },
  settings,
});

export const plusPresets: readonly RecipePreset[] = [
  preset('d-plus', 'D+: also right → right', 'D+: 맞음 → 맞음도 포함', { plus: true }),
];

export const grpoPresets: readonly RecipePreset[] = [
  preset('paper', 'As in the paper (per answer, β 0.04)', '논문대로(답마다 평균, β 0.04)', {
    loss: 'grpo',
    beta: 0.04,
  }),
  preset('dr-grpo', 'Dr. GRPO', 'Dr. GRPO', { loss: 'dr_grpo', scale: 'none', beta: 0 }),
  preset('dapo', 'DAPO (without dynamic sampling)', 'DAPO(동적 표집 제외)', {
    loss: 'dapo',
    epsilonHigh: 0.28,
    beta: 0,
  }),
  preset('gspo', 'GSPO: one ratio per answer', 'GSPO: 답마다 비율 하나', { level: 'sequence', loss: 'grpo' }),
  preset('cispo', 'CISPO', 'CISPO', { loss: 'cispo', epsilonHigh: 5 }),
  preset('sapo', 'SAPO', 'SAPO', { loss: 'sapo' }),
];

export const dpoPresets: readonly RecipePreset[] = [
  preset('plain', 'As in the paper (no likelihood term)', '논문대로(우도 항 없음)', { likelihood: 0 }),
  preset('first', 'Pairs of first attempts', '첫 시도의 짝', { attempt: 'first' }),
  preset('ipo', 'IPO', 'IPO', { loss: 'ipo', likelihood: 0 }),
  preset('aot', 'AOT', 'AOT', { loss: 'aot' }),
];

export const simpoPresets: readonly RecipePreset[] = [
  preset('plain', 'As in the paper (no likelihood term)', '논문대로(우도 항 없음)', { likelihood: 0 }),
  preset('cpo', 'CPO', 'CPO', { loss: 'sigmoid', beta: 0.1, gamma: 0, likelihood: 1 }),
  preset('alphapo', 'AlphaPO (α 0.25)', 'AlphaPO(α 0.25)', { alpha: 0.25 }),
];

export const sftPresets: readonly RecipePreset[] = [
  preset('dft', 'DFT: each token by its own probability', 'DFT: 토큰마다 제 확률만큼', { loss: 'dft' }),
  preset('smoothed', 'Label smoothing 0.1', '레이블 평활화 0.1', { loss: 'smoothed' }),
];

export const gkdPresets: readonly RecipePreset[] = [
  preset('forward', 'Forward KL (teacher ‖ student)', '정방향 KL(교사 ‖ 학생)', { beta: 0 }),
  preset('reverse', 'Reverse KL, always on own answers', '역방향 KL, 늘 자기 답으로', { beta: 1, onPolicy: 1 }),
  preset('offline', 'Never on own answers', '자기 답은 쓰지 않음', { onPolicy: 0 }),
];

export const negativePresets: readonly RecipePreset[] = [
  preset('kd', 'CoT-KD: right ones only', 'CoT-KD: 맞은 답만', { loss: 'kd' }),
  preset('mix', 'MIX', 'MIX', { loss: 'mix' }),
  preset('nt', 'NT', 'NT', { loss: 'nt' }),
  preset('cl', 'CL', 'CL', { loss: 'cl' }),
];

export const natPresets: readonly RecipePreset[] = [
  preset('zero', 'Control: the unit without what it learned', '대조: 배운 것 없는 통합 장치', { negative: 'zero' }),
];

export const ncePresets: readonly RecipePreset[] = [
  preset('figure', 'As in the paper’s figure', '논문의 그림대로', { calibration: 'figure' }),
  preset('self', 'On answers of the NAT model', 'NAT 모델의 답으로', { studentData: 'nat' }),
  preset('union', 'On answers of both', '둘의 답으로', { studentData: 'union' }),
  preset('plain', 'Control: plain distillation', '대조: 일반 증류', { calibration: 'plain' }),
];

export const ascPresets: readonly RecipePreset[] = [
  preset('head', 'As in the paper’s code: a head of its own', '논문의 코드대로: 따로 붙인 출력층', {
    ranker: 'head',
    learningRate: 0.0003,
  }),
];

export const crlftPresets: readonly RecipePreset[] = [
  preset('no-condition', 'Ablation: no condition', '비교 실험: 출처 표시 없음', { condition: false }),
  preset('no-reward', 'Ablation: no reward', '비교 실험: 보상 없음', { weight: 1 }),
  preset('sft', 'Ablation: neither (plain SFT)', '비교 실험: 둘 다 없음(일반 SFT)', { condition: false, weight: 1 }),
  preset('only-expert', 'Ablation: only the expert', '비교 실험: 전문가만', { data: 'expert' }),
  preset('only-other', 'Ablation: only the other class', '비교 실험: 다른 쪽만', { data: 'other' }),
];
