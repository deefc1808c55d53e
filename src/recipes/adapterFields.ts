// Fields that recipes with an adapter and AdamW share, and how they are read.
import type { AdapterConfig } from '../models/adapter';
import type { Field, Settings } from '../protocol/fields';

export const adapterFields: readonly Field[] = [
  {
    name: 'method',
    kind: 'choice',
    default: 'lora',
    advanced: true,
    options: [
      { value: 'lora', label: { en: 'LoRA', ko: 'LoRA' } },
      { value: 'full', label: { en: 'all weights', ko: '전체 가중치' } },
    ],
    label: { en: 'What is trained', ko: '학습 대상' },
    help: {
      en: 'LoRA trains small matrices beside the frozen weights. With all weights the file to take home is the whole model.',
      ko: 'LoRA는 고정된 가중치 옆의 작은 행렬만 학습합니다. 전체 가중치를 고르면 모델 전체가 바뀝니다.',
    },
  },
  {
    name: 'rank',
    kind: 'integer',
    default: 16,
    min: 1,
    max: 256,
    unit: '',
    advanced: true,
    label: { en: 'LoRA rank r', ko: 'LoRA 랭크 r' },
    help: {
      en: 'Width of the low-rank path. More can learn more and costs more.',
      ko: '저랭크 경로의 너비입니다. 클수록 많이 배우고 느려집니다.',
    },
  },
  {
    name: 'loraAlpha',
    kind: 'number',
    default: 32,
    min: 0.01,
    max: 1024,
    unit: '',
    advanced: true,
    label: { en: 'LoRA alpha', ko: 'LoRA 알파' },
    help: { en: 'The low-rank path is scaled by alpha / r.', ko: '저랭크 경로에 alpha / r을 곱합니다.' },
  },
  {
    name: 'targets',
    kind: 'text',
    default: '',
    advanced: true,
    label: { en: 'LoRA targets', ko: 'LoRA 대상' },
    help: {
      en: 'Ends of module names, separated by commas (q_proj, v_proj). Empty: all linear layers.',
      ko: '모듈 이름의 끝부분을 쉼표로 적습니다(q_proj, v_proj). 비우면 모든 선형 층입니다.',
    },
  },
];

export function adapterConfig(settings: Settings): AdapterConfig {
  return {
    method: settings.method as 'lora' | 'full',
    r: settings.rank as number,
    alpha: settings.loraAlpha as number,
    targets: String(settings.targets)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
}
