// Linear layers that read the same x (q, k, v; gate, up) as one operation: y_i = x·W_iᵀ (+ bias_i) (+ scale_i·(x·A_iᵀ)·B_iᵀ), the
// same bits as a `linear` each. One entry of the tape instead of two or three; where a backend has no kernel for it, single layers.
// Kernels, all with inputs as a list and the attribute `members` (GroupMember[], in the order of the layers):
//   `LinearGroup`      [x, then of every member: w, bias if it has one, a and b if it has LoRA] → [y_0, y_1, …]
//   `LinearGroupLora`  the same where one member at least has LoRA → [h, y_0, y_1, …]
//   `LinearGroupLow`   [dy_i, b_i of every member with LoRA] → dh
//   `LinearGroupGradInput`    [dy_0, …, w_0, …, and with LoRA: dh, a_i of every member with LoRA] → dx
//   `LinearGroupGradWeights`  [x, dy_0, …, and with LoRA: h, dh], attribute `parts` (GroupPart[]) → a list like `parts`
// h (= x·A_iᵀ) and dh (= scale_i·dy_i·B_i) are flat: the members' matrices [N, rank_i] one behind the other.
// Order of additions in dx, part of the contract: the last member's share first, then the one before it, each a sum of its own.
import {
  engine,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  registerGradient,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { wantedGradients } from '../backward';
import { type LoraWeights, linear } from '../linear/linear';

export interface GroupLayer {
  /** [out, in] */
  w: Tensor2D;
  bias?: Tensor1D | null;
  lora?: LoraWeights | null;
}

/** What kernels are told about one layer of the group. */
export interface GroupMember {
  /** columns of y */
  out: number;
  bias: boolean;
  /** 0 = no LoRA */
  rank: number;
  scale: number;
}

/** A gradient that is asked for: of member `member`'s w [out, in], bias [out], a [rank, in] or b [out, rank]. */
export interface GroupPart {
  member: number;
  part: 'w' | 'bias' | 'a' | 'b';
}

/** Kernel inputs and attributes may be lists of anything; tfjs' types know only the commoner cases. */
const run = (name: string, inputs: Tensor[], attrs: object) =>
  engine().runKernel(name, inputs as unknown as NamedTensorMap, attrs as NamedAttrMap) as Tensor | Tensor[];

/** Index of every part in the list of inputs of the forward kernels; 0 is x. */
function partsOf(members: readonly GroupMember[]): GroupPart[] {
  return members.flatMap(({ bias, rank }, member) => {
    const names: GroupPart['part'][] = [
      'w',
      ...(bias ? ['bias' as const] : []),
      ...(rank ? ['a' as const, 'b' as const] : []),
    ];
    return names.map((part) => ({ member, part }));
  });
}

/**
 * @param x [N, in]
 * @returns [N, out_i] of every layer
 */
export function linearGroup(x: Tensor2D, layers: readonly GroupLayer[]): Tensor2D[] {
  for (const { w } of layers) {
    if (x.rank !== 2 || x.shape[1] !== w.shape[1]) {
      throw new RangeError(`linearGroup: expected x [N, ${w.shape[1]}] for weights [${w.shape}], got [${x.shape}].`);
    }
  }
  if (layers.length < 2 || !getKernel('LinearGroup', engine().backendName)) {
    return layers.map(({ w, bias, lora }) => linear(x, w, { bias, lora }));
  }
  const members: GroupMember[] = layers.map(({ w, bias, lora }) => ({
    out: w.shape[0],
    bias: Boolean(bias),
    rank: lora ? lora.a.shape[0] : 0,
    scale: lora ? lora.scale : 0,
  }));
  const weights = layers.flatMap(({ w, bias, lora }) => [
    w,
    ...(bias ? [bias] : []),
    ...(lora ? [lora.a, lora.b] : []),
  ]);
  const withLora = members.some(({ rank }) => rank > 0);
  const outputs = run(withLora ? 'LinearGroupLora' : 'LinearGroup', [x, ...weights], { members }) as Tensor2D[];
  return withLora ? outputs.slice(1) : outputs;
}

/** Gradients by the index of the input, as strings: x is "0". */
function groupGradients(dys: Tensor[], saved: Tensor[], members: readonly GroupMember[]): Record<string, () => Tensor> {
  const parts = partsOf(members);
  const [x, ...weights] = saved;
  const withLora = members.some(({ rank }) => rank > 0);
  const h = withLora ? [weights[parts.length]] : [];
  const dy = withLora ? dys.slice(1) : dys;
  const every = (wanted: GroupPart['part']) => weights.filter((_, i) => parts[i]?.part === wanted);
  const lows = members.flatMap(({ rank }, i) => (rank > 0 ? [dy[i]] : []));
  const attrs = { members };
  // Needed by dx and dA: computed once, freed with the backward pass.
  const dh = withLora ? [run('LinearGroupLow', [...lows, ...every('b')], attrs) as Tensor] : [];
  const ofWeights = (list: GroupPart[]) =>
    list.length > 0
      ? (run('LinearGroupGradWeights', [x, ...dy, ...h, ...dh], { members, parts: list }) as Tensor[])
      : [];
  const functions: Record<string, () => Tensor> = {
    '0': () => run('LinearGroupGradInput', [...dy, ...every('w'), ...dh, ...every('a')], attrs) as Tensor,
  };
  const wanted = wantedGradients();
  const together = wanted ? parts.flatMap((_, i) => (wanted.includes(String(i + 1)) ? [i] : [])) : [];
  const gradients = ofWeights(together.map((i) => parts[i]));
  parts.forEach((part, i) => {
    const at = together.indexOf(i);
    functions[String(i + 1)] = () => (at >= 0 ? gradients[at] : ofWeights([part])[0]);
  });
  return functions;
}

for (const kernelName of ['LinearGroup', 'LinearGroupLora']) {
  registerGradient({
    kernelName,
    saveAllInputs: true,
    // h
    outputsToSave: kernelName === 'LinearGroupLora' ? [true] : [],
    gradFunc: (dys, saved, attrs) =>
      groupGradients(dys as Tensor[], saved, (attrs as unknown as { members: GroupMember[] }).members),
  });
}
