// One token for each of 64 rows of 128 logits, with log-probability and entropy; stock: multinomial, the token alone.
import { multinomial, randomNormal, type Tensor2D, tidy, zeros } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { sampleTokens } from './sampleTokens';

const [rows, vocabulary] = [64, 128];
const attrs = { temperature: 1, topK: 0, topP: 1, seed: 7 };

export const sampleTokensBenches: OpBench[] = [
  {
    title: 'sampling 64×128',
    ours: () => {
      const logits = randomNormal([rows, vocabulary]) as Tensor2D;
      const keys = zeros([rows, 2], 'int32');
      return () => tidy(() => void sampleTokens(logits, keys, attrs));
    },
    stock: () => {
      const logits = randomNormal([rows, vocabulary]) as Tensor2D;
      return () => tidy(() => void multinomial(logits, 1));
    },
  },
];
