// The truth of a group of linear layers: every layer by itself, in terms of the references of linear and Gemm.
import { type FloatTensor, floats, type ReferenceInputs, registerCpuKernel } from '../cpuKernel';
import { referenceGemm } from '../gemm/gemm.cpu';
import { referenceLinear } from '../linear/linear.cpu';
import type { GroupMember, GroupPart } from './linearGroup';

interface Attrs {
  members: GroupMember[];
}

const plain = { transposeA: false, transposeB: false, alpha: 1 };

/** Matrices one behind the other. */
function flat(matrices: FloatTensor[]): FloatTensor {
  const all = matrices.flatMap(({ data }) => [...data]);
  return floats([all.length], all);
}

/** The member's matrix [rows, rank] out of a flat list of all. */
function lowOf(all: FloatTensor, members: readonly GroupMember[], member: number, rows: number): FloatTensor {
  const { rank } = members[member];
  const before = members.slice(0, member).reduce((sum, other) => sum + other.rank, 0);
  return floats([rows, rank], all.data.subarray(rows * before, rows * (before + rank)));
}

const inputAt = (inputs: ReferenceInputs) => (i: number) => inputs.f(String(i));

function forward(inputs: ReferenceInputs, { members }: Attrs): FloatTensor[] {
  const at = inputAt(inputs);
  let next = 1;
  const outputs = members.map(({ bias, rank, scale }) => {
    const w = at(next++);
    const row = bias ? at(next++) : null;
    const lora = rank ? { a: at(next++), b: at(next++), scale } : null;
    return referenceLinear(at(0), w, row, lora);
  });
  const ys = outputs.map(([y]) => y);
  const lows = outputs.flatMap(([, h]) => (h ? [h] : []));
  return lows.length > 0 ? [flat(lows), ...ys] : ys;
}

for (const name of ['LinearGroup', 'LinearGroupLora']) registerCpuKernel<Attrs>(name, forward);

registerCpuKernel<Attrs>('LinearGroupLow', (inputs, { members }) => {
  const at = inputAt(inputs);
  const low = members.filter(({ rank }) => rank > 0);
  return flat(low.map(({ scale }, i) => referenceGemm(at(i), at(low.length + i), { ...plain, alpha: scale })));
});

registerCpuKernel<Attrs>('LinearGroupGradInput', (inputs, { members }) => {
  const at = inputAt(inputs);
  const count = members.length;
  const rows = at(0).shape[0];
  let dx: FloatTensor | null = null;
  let a = inputs.names.length;
  for (let i = count - 1; i >= 0; i--) {
    const share = referenceGemm(at(i), at(count + i), plain);
    const low = members[i].rank ? referenceGemm(lowOf(at(2 * count), members, i, rows), at(--a), plain) : null;
    share.data.forEach((value, j) => {
      share.data[j] = value + (low ? low.data[j] : 0) + (dx ? dx.data[j] : 0);
    });
    dx = share;
  }
  return dx ?? floats([0]);
});

registerCpuKernel<Attrs & { parts: GroupPart[] }>('LinearGroupGradWeights', (inputs, { members, parts }) => {
  const at = inputAt(inputs);
  const count = members.length;
  const x = at(0);
  const rows = x.shape[0];
  const transposed = { ...plain, transposeA: true };
  return parts.map(({ member, part }) => {
    const dy = at(1 + member);
    if (part === 'w') return referenceGemm(dy, x, transposed);
    if (part === 'a') return referenceGemm(lowOf(at(2 + count), members, member, rows), x, transposed);
    if (part === 'b') {
      const h = lowOf(at(1 + count), members, member, rows);
      return referenceGemm(dy, h, { ...transposed, alpha: members[member].scale });
    }
    const sums = floats([dy.shape[1]]);
    dy.data.forEach((value, j) => {
      sums.data[j % dy.shape[1]] += value;
    });
    return sums;
  });
});
