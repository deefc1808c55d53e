// The rotary embedding of 2048 tokens, 4 heads of 32, forward and backward; stock: halves split, negated, joined.
import {
  add,
  concat,
  cos,
  grads,
  mul,
  neg,
  randomNormal,
  reshape,
  sin,
  split,
  type Tensor,
  type Tensor2D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { rotary } from './rotary';

const [batch, time, heads, headDim] = [32, 64, 4, 32];
const rows = batch * time;

/** Angles of positions 0 … 63, `columns` a row. */
function angles(columns: number): Tensor {
  const data = Float32Array.from({ length: time * columns }, (_, i) => {
    return Math.floor(i / columns) * 10000 ** (-(i % (headDim / 2)) / (headDim / 2));
  });
  return tensor(data, [time, columns]);
}

function measured(f: (x: Tensor) => Tensor): () => void {
  const x = randomNormal([rows, heads * headDim]);
  const dy = randomNormal([rows, heads * headDim]);
  const gradients = grads(f);
  return () => tidy(() => void gradients([x], dy));
}

function fused(): () => void {
  const at = tensor(
    Int32Array.from({ length: rows }, (_, i) => i % time),
    [rows],
    'int32',
  );
  const table = { cos: cos(angles(headDim / 2)) as Tensor2D, sin: sin(angles(headDim / 2)) as Tensor2D };
  return measured((x) => rotary(x, at, table, heads));
}

function composition(): () => void {
  const wide = reshape(angles(headDim), [time, 1, headDim]);
  const [c, s] = [cos(wide), sin(wide)];
  return measured((x) => {
    const byHead = reshape(x, [batch, time, heads, headDim]);
    const [low, high] = split(byHead, 2, 3);
    return reshape(add(mul(byHead, c), mul(concat([neg(high), low], 3), s)), [rows, heads * headDim]);
  });
}

export const rotaryBenches: OpBench[] = [
  { title: 'rotary embedding 2048 tokens, 4 heads of 32, forward and backward', ours: fused, stock: composition },
];
