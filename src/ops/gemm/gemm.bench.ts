// The weight gradient of the bench model's feed-forward layer: A transposed, the case stock tfjs-wasm has no fast path for.
import { matMul, randomNormal, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { gemm } from './gemm';

function products(
  title: string,
  a: [number, number],
  b: [number, number],
  transposeA: boolean,
  transposeB: boolean,
): OpBench {
  const load = () => [randomNormal(a), randomNormal(b)] as Tensor2D[];
  return {
    title,
    ours() {
      const [x, y] = load();
      return () => tidy(() => void gemm(x, y, { transposeA, transposeB }));
    },
    stock() {
      const [x, y] = load();
      return () => tidy(() => void matMul(x, y, transposeA, transposeB));
    },
  };
}

export const gemmBenches: OpBench[] = [
  products('gemm 2048×384 · 384×128', [2048, 384], [384, 128], false, false),
  products('gemm 2048×128 · (384×128)ᵀ', [2048, 128], [384, 128], false, true),
  products('gemm (2048×384)ᵀ · 2048×128', [2048, 384], [2048, 128], true, false),
];
