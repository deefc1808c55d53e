// What tokenStatistics tells, straight from hidden states and the vocabulary's weights: the logits pass by in chunks of the
// vocabulary and are never whole in memory, neither forward nor backward (which computes them again).
// Kernels on `simd`: `ProjectedStatistics` {hidden, w, targets}, `ProjectedStatisticsKl` + {refHidden, refW}
// → [logProb, entropy, kl, moments]; `ProjectedStatisticsGradHidden`, `ProjectedStatisticsGradWeight`.
// It saves memory: 2048 positions over 151,936 words are 1.2 GB of logits and as much of gradients, here 16 MB each.
// Backends without these kernels compose it of `linear` and `tokenStatistics`.
import {
  engine,
  getBackend,
  getKernel,
  type NamedAttrMap,
  registerGradient,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from '@tensorflow/tfjs-core';
import { linearOf } from '../quantLinear/quantLinear';
import { type BlockName, isQuantised, type Matrix } from '../quantLinear/quantMatrix';
import { type TokenStatistics, tokenStatistics } from '../tokenStatistics/tokenStatistics';

/**
 * Words per chunk. The same for every batch, so that a row's bits do not depend on how many rows there are; up to here the
 * logits may as well be whole.
 */
export const VOCABULARY_CHUNK = 2048;

export interface ProjectedReference {
  /** [N, D] of the reference policy (no gradient flows into it) */
  hidden: Tensor2D;
  /** [V, D] */
  w: Matrix;
}

/** How the kernels find a matrix in blocks; null for float32. */
export interface HeldBlocks {
  type: BlockName;
  shape: [number, number];
}

/**
 * @param hidden [N, D]
 * @param w [V, D]; in blocks (frozen) on `simd` alone, each chunk unpacked inside its products
 * @param targets [N] int32, each < V (one outside means token 0 and is the caller's mistake)
 */
export function projectedStatistics(
  hidden: Tensor2D,
  w: Matrix,
  targets: Tensor,
  options: { temperature?: number; reference?: ProjectedReference | null } = {},
): TokenStatistics {
  const { temperature = 1, reference } = options;
  if (targets.dtype !== 'int32' || targets.size !== hidden.shape[0] || hidden.shape[1] !== w.shape[1]) {
    throw new RangeError(
      `projectedStatistics: expected ${hidden.shape[0]} int32 targets and weights [V, ${hidden.shape[1]}], got [${targets.shape}] ${targets.dtype} and [${w.shape}].`,
    );
  }
  if (!(temperature > 0))
    throw new RangeError(`projectedStatistics: expected a temperature above 0, got ${temperature}.`);
  if (!getKernel('ProjectedStatistics', getBackend())) {
    const refLogits = reference ? linearOf(reference.hidden, reference.w) : null;
    return tokenStatistics(linearOf(hidden, w), targets, { temperature, refLogits });
  }
  const held = (matrix: Matrix) => (isQuantised(matrix) ? matrix.blocks : matrix);
  const blocksOf = (matrix: Matrix): HeldBlocks | null =>
    isQuantised(matrix) ? { type: matrix.type, shape: matrix.shape } : null;
  const inputs = { hidden, w: held(w), targets };
  const more = reference && { refHidden: reference.hidden, refW: held(reference.w) };
  const attrs = { temperature, blocks: blocksOf(w), refBlocks: reference ? blocksOf(reference.w) : null } as object;
  // The moments are let go unless a gradient keeps them.
  return tidy(() => {
    const outputs = more
      ? engine().runKernel('ProjectedStatisticsKl', { ...inputs, ...more }, attrs as NamedAttrMap)
      : engine().runKernel('ProjectedStatistics', inputs, attrs as NamedAttrMap);
    const [logProb, entropy, kl] = outputs as unknown as Tensor1D[];
    return { logProb, entropy, kl };
  });
}

for (const withReference of [false, true]) {
  registerGradient({
    kernelName: withReference ? 'ProjectedStatisticsKl' : 'ProjectedStatistics',
    inputsToSave: ['hidden', 'w', 'targets', ...(withReference ? ['refHidden', 'refW'] : [])],
    outputsToSave: [false, false, false, true],
    gradFunc: (dys, saved, attrs) => {
      const [dLogProb, dEntropy, dKl] = dys as Tensor[];
      const [hidden, w, targets] = saved;
      const [refHidden, refW, moments] = withReference ? saved.slice(3) : [null, null, saved[3]];
      const inputs: Record<string, Tensor> = { hidden, w, targets, moments, dLogProb, dEntropy, dKl };
      if (refHidden && refW) Object.assign(inputs, { refHidden, refW });
      // A frozen head asks for the first alone; training it as well computes each chunk of logits twice.
      return {
        hidden: () => engine().runKernel('ProjectedStatisticsGradHidden', inputs, attrs) as Tensor,
        w: () => engine().runKernel('ProjectedStatisticsGradWeight', inputs, attrs) as Tensor,
      };
    },
  });
}
