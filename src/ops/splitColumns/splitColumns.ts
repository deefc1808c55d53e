// What one fused projection computed, apart again: queries, keys and values, or gate and up. Columns come in `groups` (heads, where they
// are fused head by head), each holding a stretch of `widths[i]` columns for every part.
// Kernels `SplitColumns` {x} → [part, …] and `JoinColumns` {part0, …} → x, its gradient. Against tfjs' slices it saves the zeros that
// every slice's gradient is padded with: as many tensors of the size of x as there are parts.
import { engine, registerGradient, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

export interface SplitAttrs {
  widths: number[];
  groups: number;
}

export const partName = (i: number): string => `part${i}`;

/** @param x [N, groups · Σ widths] @returns [N, groups · widths[i]] for each i */
export function splitColumns(x: Tensor2D, widths: readonly number[], groups = 1): Tensor2D[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (x.rank !== 2 || x.shape[1] !== groups * total)
    throw new RangeError(`splitColumns: expected x [N, ${groups}·${total}], got [${x.shape}].`);
  return engine().runKernel('SplitColumns', { x }, { widths: [...widths], groups }) as unknown as Tensor2D[];
}

registerGradient({
  kernelName: 'SplitColumns',
  gradFunc: (dys, _, attrs) => ({
    x: () => {
      const parts = (dys as Tensor[]).map((dy, i) => [partName(i), dy] as const);
      return engine().runKernel('JoinColumns', Object.fromEntries(parts), attrs) as Tensor;
    },
  }),
});
