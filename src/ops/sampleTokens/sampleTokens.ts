// Draws one token per row from softmax(logits / temperature), optionally cut to top-k and then top-p; greedy at temperature 0.
// The random number is counterUniform(seed, stream, position) of lib/counterRng, so a row's text does not depend on its batch.
// Inverse CDF in the order of token ids: the first id whose cumulative probability (of the kept tokens, renormalised) exceeds u.
// Kernel `SampleTokens` → [ids int32 [R], logProb [R], entropy [R]].
// 1.5 × tfjs-wasm's multinomial, which gives no log-probability, no entropy and no draw that repeats in another batch.
import { engine, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

export interface SamplingAttrs {
  /** 0 = greedy (lowest id wins ties). */
  temperature: number;
  /** 0 = off. */
  topK: number;
  /** 1 = off. The smallest set of most likely tokens with cumulative probability ≥ topP. */
  topP: number;
  /** 32 bits */
  seed: number;
}

export interface SampledTokens {
  ids: Tensor1D;
  /** log-probability under the FULL softmax at this temperature (at temperature 1 when greedy): what the loss recomputes. */
  logProb: Tensor1D;
  /** of that same full distribution, nats */
  entropy: Tensor1D;
}

/**
 * @param logits [R, V]
 * @param keys [R, 2] int32: (stream, position) of each row's draw
 */
export function sampleTokens(logits: Tensor2D, keys: Tensor, attrs: SamplingAttrs): SampledTokens {
  if (keys.dtype !== 'int32' || keys.size !== logits.shape[0] * 2) {
    throw new RangeError(
      `sampleTokens: expected keys [${logits.shape[0]}, 2] int32, got [${keys.shape}] ${keys.dtype}.`,
    );
  }
  const [ids, logProb, entropy] = engine().runKernel(
    'SampleTokens',
    { logits, keys },
    { ...attrs },
  ) as unknown as Tensor1D[];
  return { ids, logProb, entropy };
}
