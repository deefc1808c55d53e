// A group of linear layers on `simd`: the products of gemm.as.ts, one behind the other.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { multiplyAt, packedForNow, readyWeight } from '../gemm/gemm.simd';
import type { GroupMember, GroupPart } from './linearGroup';

interface Attrs {
  members: GroupMember[];
}

const ranksOf = (members: readonly GroupMember[]) => members.reduce((sum, { rank }) => sum + rank, 0);

/** Inputs come as a list, which TypeScript takes for a record. */
const listed = (inputs: Record<string, TensorInfo>) => inputs as unknown as TensorInfo[];

function forward(backend: SimdBackend, inputs: TensorInfo[], members: GroupMember[]): TensorInfo[] {
  const [m, k] = inputs[0].shape;
  const ranks = ranksOf(members);
  const low = ranks > 0 ? backend.output([m * ranks]) : null;
  const ys = members.map(({ out }) => backend.output([m, out]));
  const x = backend.pointer(inputs[0]);
  let h = low ? backend.pointer(low) : 0;
  let next = 1;
  members.forEach(({ out, bias: hasBias, rank, scale }, i) => {
    const w = inputs[next++];
    const bias = hasBias ? backend.pointer(inputs[next++]) : 0;
    let plus: { k: number; a: number; b: number; alpha: number; ready: number } | undefined;
    if (rank) {
      const [a, b] = [inputs[next++], inputs[next++]];
      const ready = readyWeight(backend, a, m);
      multiplyAt(backend, { m, n: rank, k, a: x, b: backend.pointer(a), transposeB: true, c: h, ready });
      plus = { k: rank, a: h, b: backend.pointer(b), alpha: scale, ready: readyWeight(backend, b, m, scale) };
      h += 4 * m * rank;
    }
    const [b, c, ready] = [backend.pointer(w), backend.pointer(ys[i]), readyWeight(backend, w, m)];
    multiplyAt(backend, { m, n: out, k, a: x, b, transposeB: true, bias, c, plus, ready });
  });
  return low ? [low, ...ys] : ys;
}

for (const name of ['LinearGroup', 'LinearGroupLora']) {
  registerSimdKernel<Attrs>(name, (backend, inputs, { members }) => forward(backend, listed(inputs), members));
}

registerSimdKernel<Attrs>('LinearGroupLow', (backend, inputs, { members }) => {
  const list = listed(inputs);
  const low = members.filter(({ rank }) => rank > 0);
  const m = list[0].shape[0];
  const dh = backend.output([m * ranksOf(low)]);
  let c = backend.pointer(dh);
  low.forEach(({ out, rank, scale }, i) => {
    const [a, b] = [backend.pointer(list[i]), backend.pointer(list[low.length + i])];
    multiplyAt(backend, { m, n: rank, k: out, a, b, transposeB: false, alpha: scale, c });
    c += 4 * m * rank;
  });
  return dh;
});

registerSimdKernel<Attrs>('LinearGroupGradInput', (backend, inputs, { members }) => {
  const list = listed(inputs);
  const count = members.length;
  const m = list[0].shape[0];
  const n = list[count].shape[1];
  const dx = backend.output([m, n]);
  const share = backend.output([m, n]);
  const c = backend.pointer(dx);
  // From the last member to the first: the order in which a tape of single layers adds them.
  let a = list.length;
  let dh = ranksOf(members) > 0 ? backend.pointer(list[2 * count]) + 4 * m * ranksOf(members) : 0;
  for (let i = count - 1; i >= 0; i--) {
    const { out: k, rank } = members[i];
    dh -= 4 * m * rank;
    const plus = rank ? { k: rank, a: dh, b: backend.pointer(list[--a]), alpha: 1 } : undefined;
    const target = i === count - 1 ? c : backend.pointer(share);
    multiplyAt(backend, {
      m,
      n,
      k,
      a: backend.pointer(list[i]),
      b: backend.pointer(list[count + i]),
      transposeB: false,
      c: target,
      plus,
    });
    if (i < count - 1) backend.kernels.add(m * n, c, target, c);
  }
  backend.release(share);
  return dx;
});

registerSimdKernel<Attrs & { parts: GroupPart[] }>('LinearGroupGradWeights', (backend, inputs, { members, parts }) => {
  const list = listed(inputs);
  const count = members.length;
  const [k, width] = list[0].shape;
  const x = backend.pointer(list[0]);
  /** Where a member's matrix begins in h (input 1 + count) or dh (the one after it). */
  const lowAt = (input: number, member: number) =>
    backend.pointer(list[input]) + 4 * k * ranksOf(members.slice(0, member));
  // Every dW meets x: packed once for all. (dA has few rows and takes x as it lies.)
  const isShared =
    parts.filter(({ part }) => part === 'w').length > 1 && parts.every(({ part }) => part === 'w' || part === 'bias');
  const ready = isShared ? packedForNow(backend, x, width, k) : 0;
  return parts.map(({ member, part }) => {
    const { out, rank, scale } = members[member];
    const [m, n] = part === 'a' ? [rank, width] : [out, part === 'b' ? rank : width];
    const gradient = backend.output(part === 'bias' ? [out] : [m, n]);
    const [dy, c] = [backend.pointer(list[1 + member]), backend.pointer(gradient)];
    if (part === 'bias') backend.kernels.sumColumns(k, out, dy, c);
    else {
      const a = part === 'a' ? lowAt(2 + count, member) : dy;
      const b = part === 'b' ? lowAt(1 + count, member) : x;
      const alpha = part === 'b' ? scale : 1;
      multiplyAt(backend, {
        m,
        n,
        k,
        a,
        transposeA: true,
        b,
        transposeB: false,
        alpha,
        c,
        ready: part === 'w' ? ready : 0,
      });
    }
    return gradient;
  });
});
