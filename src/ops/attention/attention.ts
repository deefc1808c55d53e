// Softmax attention for training, with grouped key/value heads and a mask of two ranges per query.
// Query t of row b sees keys  [ranges[b,t,0], ranges[b,t,1])  and  [ranges[b,t,2], t].
// Plain causal: (0, 0, 0). Left padding of p: (p, p, p). Right padding: causal, ignore the padded outputs.
// Several second attempts packed behind one shared first attempt: (0, prefixEnd, segmentStart) for their tokens.
// Sliding window w: (0, 0, max(0, t - w + 1)).
// A query with nothing to see gives 0. Kernels: `Attention` → [o, lse], `AttentionGrad` → [dq, dk, dv].
import { engine, registerGradient, type Tensor, type Tensor3D } from '@tensorflow/tfjs-core';

export interface AttentionAttrs {
  heads: number;
  kvHeads: number;
  /** usually 1/sqrt(headDim) */
  scale: number;
}

/**
 * @param q [B, T, heads·headDim]
 * @param k [B, T, kvHeads·headDim]; query head h reads key head floor(h·kvHeads/heads)
 * @param v as k
 * @param ranges [B, T, 3] int32, see above
 * @returns [B, T, heads·headDim]. Kernel outputs also lse [B, heads, T] = log Σ exp(score), −inf-safe, for the gradient.
 */
export function attention(q: Tensor3D, k: Tensor3D, v: Tensor3D, ranges: Tensor3D, attrs: AttentionAttrs): Tensor3D {
  const { heads, kvHeads } = attrs;
  const [batch, time, width] = q.shape;
  const kvWidth = (width / heads) * kvHeads;
  if (width % heads || heads % kvHeads || k.shape[2] !== kvWidth || v.shape[2] !== kvWidth) {
    throw new RangeError(
      `attention: expected k and v [${batch}, ${time}, ${kvWidth}] for ${heads} heads over ${kvHeads}, got [${k.shape}] and [${v.shape}].`,
    );
  }
  if (ranges.dtype !== 'int32' || ranges.size !== batch * time * 3) {
    throw new RangeError(
      `attention: expected ranges [${batch}, ${time}, 3] int32, got [${ranges.shape}] ${ranges.dtype}.`,
    );
  }
  const outputs = engine().runKernel('Attention', { q, k, v, ranges }, { ...attrs }) as unknown as Tensor3D[];
  return outputs[0];
}

registerGradient({
  kernelName: 'Attention',
  inputsToSave: ['q', 'k', 'v', 'ranges'],
  outputsToSave: [true, true],
  gradFunc: (dys, [q, k, v, ranges, o, lse], attrs) => {
    const dy = (dys as Tensor[])[0];
    const [dq, dk, dv] = engine().runKernel(
      'AttentionGrad',
      { q, k, v, ranges, o, lse, dy },
      attrs,
    ) as unknown as Tensor[];
    return { q: () => dq.clone(), k: () => dk.clone(), v: () => dv.clone() };
  },
});
