// What an op's x.bench.ts offers: the op, and the same thing composed of stock tfjs ops, on the same load. Run by
// `npm run bench -- ops`, ours on `simd`, the composition on tfjs-backend-wasm in a process of its own.

import { adamWBenches } from '../../ops/adamW/adamW.bench';
import { attentionBenches } from '../../ops/attention/attention.bench';
import { attentionCachedBenches } from '../../ops/attentionCached/attentionCached.bench';
import { embeddingBenches } from '../../ops/embedding/embedding.bench';
import { geluBenches } from '../../ops/gelu/gelu.bench';
import { gemmBenches } from '../../ops/gemm/gemm.bench';
import { layerNormBenches } from '../../ops/layerNorm/layerNorm.bench';
import { linearBenches } from '../../ops/linear/linear.bench';
import { projectedStatisticsBenches } from '../../ops/projectedStatistics/projectedStatistics.bench';
import { rmsNormBenches } from '../../ops/rmsNorm/rmsNorm.bench';
import { rotaryBenches } from '../../ops/rotary/rotary.bench';
import { sampleTokensBenches } from '../../ops/sampleTokens/sampleTokens.bench';
import { splitColumnsBenches } from '../../ops/splitColumns/splitColumns.bench';
import { swigluBenches } from '../../ops/swiglu/swiglu.bench';
import { tokenStatisticsBenches } from '../../ops/tokenStatistics/tokenStatistics.bench';

export interface OpBench {
  title: string;
  /** Makes the tensors of the load. @returns one run, which leaves nothing behind */
  ours(): () => void;
  stock(): () => void;
}

export const opBenches: OpBench[] = [
  ...gemmBenches,
  ...linearBenches,
  ...attentionBenches,
  ...attentionCachedBenches,
  ...adamWBenches,
  ...embeddingBenches,
  ...projectedStatisticsBenches,
  ...rmsNormBenches,
  ...rotaryBenches,
  ...sampleTokensBenches,
  ...swigluBenches,
  ...geluBenches,
  ...layerNormBenches,
  ...splitColumnsBenches,
  ...tokenStatisticsBenches,
];

/** Milliseconds of one run: the median of several after warming up, each long enough to be measured. */
export function timeRun(run: () => void): number {
  for (let i = 0; i < 5; i++) run();
  const times: number[] = [];
  const start = performance.now();
  while (times.length < 9 || (performance.now() - start < 1500 && times.length < 400)) {
    const before = performance.now();
    run();
    times.push(performance.now() - before);
    if (times.length >= 5 && performance.now() - start > 5000) break;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}
