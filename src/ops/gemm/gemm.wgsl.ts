// GEMM for `webgpu`: 8 × 8 threads make a square tile of C, each thread R × R elements in registers; panels of 16 of the inner
// size pass through workgroup memory as vectors, which halves what a thread reads per multiplication or better. One text serves NN, NT and TN, a bias row, and a second product that is added on
// (the low-rank path of a linear layer), so that a projection with LoRA is one launch after h = x·Aᵀ.
// On a software adapter the same tile is computed straight from the matrices: there every barrier switches 64 fibers (measured on
// SwiftShader, 256 × 128 × 128: 80 ms through panels, 12 ms without).
// A long inner size over a small C (weight gradients) is cut into slices that are summed in fixed order: deterministic.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram, type ParameterKind, type StorageKind } from '../../backend/webgpu/gpuProgram';
import { rowBytes } from '../../lib/blocks/blockTypes';
import { numberReading } from '../quantLinear/blocks.wgsl';
import type { BlockName } from '../quantLinear/quantMatrix';
import type { GemmAttrs } from './gemm';

/** Elements of the inner size that one panel holds. */
const PANEL = 16;
/** Fewer workgroups than this leave a GPU idle: smaller tiles, then slices of the inner size. */
const ENOUGH_GROUPS = 64;
/** From so many tiles of 64 × 64 on these are taken: half of the reads of smaller ones, four times the registers. */
const MANY_GROUPS = 256;
const SHORTEST_SLICE = 128;

interface GemmVariant {
  transposeA: boolean;
  transposeB: boolean;
  /** a second product, in the same layouts, added on */
  second: boolean;
  bias: boolean;
  /** B as blocks of this type; absent: float32 */
  type?: BlockName;
  /** a matrix as large as C, added on */
  plus?: boolean;
  /** rows and columns per thread: tiles of 16 × 16, 32 × 32 or 64 × 64 */
  perThread: 2 | 4 | 8;
  /** through workgroup memory, or straight from the matrices */
  panels: boolean;
}

/** Numbers per vector, and vectors per thread in each direction: those of a thread lie 8 vectors apart. */
const vectorOf = ({ perThread }: GemmVariant) => {
  const width = Math.min(perThread, 4);
  return { width, pieces: perThread / width };
};

const rangeOf = (n: number) => Array.from({ length: n }, (_, i) => i);

interface Product {
  a: string;
  b: string;
  /** inner size, and the part of it that is summed */
  size: string;
  from: string;
  to: string;
  /** factor of A, with its sign of multiplication */
  scale: string;
  /** B is in blocks */
  isPacked: boolean;
}

/** Multiplies without workgroup memory; indices beyond the edge are clamped, their results never stored. */
function directProduct({ a, b, size, from, to, scale, isPacked }: Product, v: GemmVariant) {
  const range = rangeOf(v.perThread);
  const row = (i: number) => `min(top + local.y * ${v.perThread}u + ${i}u, params.m - 1u)`;
  const column = (j: number) => `min(left + local.x * ${v.perThread}u + ${j}u, params.n - 1u)`;
  const elementA = (i: number) => `${a}[${v.transposeA ? `k * params.m + rowA${i}` : `rowA${i} + k`}]`;
  const elementB = (j: number) => {
    if (isPacked) return v.transposeB ? `numberAt(columnB${j}, k)` : `numberAt(k, columnB${j})`;
    return `${b}[${v.transposeB ? `columnB${j} + k` : `k * params.n + columnB${j}`}]`;
  };
  return `
  {
    ${range.map((i) => `let rowA${i} = ${row(i)}${v.transposeA ? '' : ` * ${size}`};`).join('\n    ')}
    ${range.map((j) => `let columnB${j} = ${column(j)}${v.transposeB && !isPacked ? ` * ${size}` : ''};`).join('\n    ')}
    for (var k = ${from}; k < ${to}; k = k + 1u) {
      let columns = ${scale}vec${v.perThread}f(${range.map(elementB).join(', ')});
      ${range.map((i) => `sum${i}_0 = sum${i}_0 + ${elementA(i)} * columns;`).join('\n      ')}
    }
  }`;
}

/** Copies one panel of each matrix into workgroup memory and multiplies it, for inner indices from…to. */
function panelProduct({ a, b, size, from, to, scale, isPacked }: Product, v: GemmVariant) {
  const { width, pieces } = vectorOf(v);
  const vectors = 8 * pieces;
  const row = vectors + 1;
  // Neighbouring lanes read neighbouring addresses: along the inner size, or across it when transposed.
  const along = [`e / ${PANEL}u`, `e % ${PANEL}u`];
  const across = [`e % ${vectors}u`, `e / ${vectors}u`];
  const numberB = v.transposeB ? 'numberAt(j + C, k)' : 'numberAt(k, j + C)';
  const atA = v.transposeA ? 'k * params.m + i + C' : `(i + C) * ${size} + k`;
  const atB = v.transposeB ? `(j + C) * ${size} + k` : 'k * params.n + j + C';
  const elements = (element: string, index: string, end: string) =>
    rangeOf(width)
      .map((c) => `if (${index} + ${c}u < ${end}) { value[${c}] = ${element.replace('C', `${c}u`)}; }`)
      .join('\n          ');
  const load = (panel: string, [vector, inner]: string[], index: string, start: string, text: string) => `{
        let vector = ${vector};
        let inner = ${inner};
        let ${index} = ${start} + vector * ${width}u;
        let k = k0 + inner;
        var value = vec${width}f();
        if (k < ${to}) {
          ${text}
        }
        ${panel}[inner * ${row}u + vector] = value;
      }`;
  const sums = rangeOf(v.perThread).flatMap((i) =>
    rangeOf(pieces).map(
      (p) => `sum${i}_${p} = sum${i}_${p} + rows${Math.floor(i / width)}[${i % width}] * columns${p};`,
    ),
  );
  return `
  for (var k0 = ${from}; k0 < ${to}; k0 = k0 + ${PANEL}u) {
    for (var e = lane; e < ${PANEL * vectors}u; e = e + 64u) {
      ${load('panelA', v.transposeA ? across : along, 'i', 'top', elements(`${scale}${a}[${atA}]`, 'i', 'params.m'))}
      ${load('panelB', v.transposeB ? along : across, 'j', 'left', elements(isPacked ? numberB : `${b}[${atB}]`, 'j', 'params.n'))}
    }
    workgroupBarrier();
    for (var k = 0u; k < ${PANEL}u; k = k + 1u) {
      ${rangeOf(pieces)
        .map(
          (p) => `let rows${p} = panelA[k * ${row}u + ${8 * p}u + local.y];
      let columns${p} = panelB[k * ${row}u + ${8 * p}u + local.x];`,
        )
        .join('\n      ')}
      ${sums.join('\n      ')}
    }
    workgroupBarrier();
  }`;
}

function gemmProgram(v: GemmVariant): GpuProgram {
  const letters = `${v.transposeA ? 'T' : 'N'}${v.transposeB ? 'T' : 'N'}`;
  const name = `Gemm ${letters} ${8 * v.perThread}${v.panels ? '' : ' direct'}${v.type ? ` ${v.type}` : ''}${v.second ? ' + second' : ''}${v.bias ? ' + bias' : ''}${v.plus ? ' + matrix' : ''}`;
  return defineProgram(name, () => {
    const storage: Record<string, StorageKind> = { a: 'f32', b: v.type ? 'i32' : 'f32' };
    if (v.second) Object.assign(storage, { a2: 'f32', b2: 'f32' });
    if (v.bias) storage.bias = 'f32';
    storage.c = 'f32 out';
    if (v.plus) storage.plus = 'f32';
    const range = rangeOf(v.perThread);
    const tile = 8 * v.perThread;
    const product = v.panels ? panelProduct : directProduct;
    const parameters: Record<string, ParameterKind> = { m: 'u32', n: 'u32', inner: 'u32', slice: 'u32' };
    Object.assign(parameters, { inner2: 'u32', alpha: 'f32', scale2: 'f32', ...(v.type ? { rowBytes: 'u32' } : {}) });
    const first = { a: 'a', b: 'b', size: 'params.inner', from: 'first', to: 'last', scale: '', isPacked: !!v.type };
    const second = { a: 'a2', b: 'b2', size: 'params.inner2', from: '0u', to: 'params.inner2' };
    const { width, pieces } = vectorOf(v);
    const panels = ['panelA', 'panelB']
      .map((panel) => `var<workgroup> ${panel}: array<vec${width}f, ${PANEL * (8 * pieces + 1)}>;`)
      .join('\n');
    const place = (index: number, local: string) =>
      `${Math.floor(index / width) * 8 * width}u + local.${local} * ${width}u + ${index % width}u`;
    const store = (i: number, j: number) => `if (i${i} < params.m && j${j} < params.n) {
    let at = base + i${i} * params.n + j${j};
    c[at] = ${v.plus ? 'plus[at] + ' : ''}params.alpha * sum${i}_${Math.floor(j / width)}[${j % width}]${v.bias ? ` + bias[j${j}]` : ''};
  }`;
    return {
      storage,
      plus: v.plus ? undefined : () => gemmProgram({ ...v, plus: true }),
      // slice: inner elements per z; inner2 and scale2 belong to the second product.
      parameters,
      workgroup: [8, 8],
      declarations: `${v.panels ? panels : ''}${v.type ? numberReading(v.type) : ''}`,
      body: `
  let top = group.y * ${tile}u;
  let left = group.x * ${tile}u;
  ${v.panels ? '' : `if (top + local.y * ${v.perThread}u >= params.m || left + local.x * ${v.perThread}u >= params.n) { return; }`}
  ${range.flatMap((i) => rangeOf(pieces).map((p) => `var sum${i}_${p} = vec${width}f();`)).join('\n  ')}
  let first = group.z * params.slice;
  let last = min(first + params.slice, params.inner);
  ${product(first, v)}
  ${v.second ? product({ ...second, scale: 'params.scale2 * ', isPacked: false }, v) : ''}
  let base = group.z * params.m * params.n;
  ${range.map((i) => `let i${i} = top + ${place(i, 'y')};`).join('\n  ')}
  ${range.map((j) => `let j${j} = left + ${place(j, 'x')};`).join('\n  ')}
  ${range.flatMap((i) => range.map((j) => store(i, j))).join('\n  ')}`,
    };
  });
}

const sumSlices = (plus: boolean): GpuProgram =>
  defineProgram(`Gemm sum of slices${plus ? ' + matrix' : ''}`, () => ({
    storage: { slices: 'f32', c: 'f32 out', ...(plus ? { plus: 'f32' as const } : {}) },
    parameters: { size: 'u32', count: 'u32' },
    plus: plus ? undefined : () => sumSlices(true),
    body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    var total = 0.0;
    for (var s = 0u; s < params.count; s = s + 1u) { total = total + slices[s * params.size + i]; }
    c[i] = ${plus ? 'plus[i] + ' : ''}total;
  }`,
  }));
sumSlices(true);

const methods = [
  { perThread: 2, panels: true },
  { perThread: 4, panels: true },
  { perThread: 8, panels: true },
  { perThread: 4, panels: false },
] as const;

/** Puts all forms of a product into the list of programs, so that the compile sweep sees them. */
export function declareGemm(forms: Omit<GemmVariant, 'perThread' | 'panels' | 'plus'>): void {
  for (const method of methods) for (const plus of [false, true]) gemmProgram({ ...forms, ...method, plus });
}
for (const transposeA of [false, true]) {
  for (const transposeB of [false, true]) declareGemm({ transposeA, transposeB, second: false, bias: false });
}

/** A frozen matrix [rows, columns] in blocks. */
interface PackedMatrix {
  blocks: TensorInfo;
  type: BlockName;
  shape: number[];
}

export interface GemmLaunch {
  a: TensorInfo;
  b: TensorInfo | PackedMatrix;
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  bias?: TensorInfo | null;
  /** adds scale · a2·b2 in the same layouts */
  second?: { a: TensorInfo; b: TensorInfo; scale: number } | null;
}

/** @returns [M, N] */
export function runGemm(backend: GpuBackend, launch: GemmLaunch): TensorInfo {
  const { a, b, transposeA = false, transposeB = false, alpha = 1, bias, second } = launch;
  const [m, inner] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const n = transposeB ? b.shape[0] : b.shape[1];
  const tiles = (size: number) => Math.ceil(m / size) * Math.ceil(n / size);
  const panels = !backend.isSoftware;
  const isLarge = panels && tiles(64) >= MANY_GROUPS && !backend.hasFewRegisters;
  const perThread = isLarge ? 8 : !panels || tiles(32) >= ENOUGH_GROUPS ? 4 : 2;
  const tile = 8 * perThread;
  const packed = 'blocks' in b ? b : null;
  const program = gemmProgram({
    type: packed?.type,
    transposeA,
    transposeB,
    second: Boolean(second),
    bias: Boolean(bias),
    perThread,
    panels,
  });
  const slices =
    second || bias || !panels
      ? 1
      : Math.max(1, Math.min(Math.ceil(ENOUGH_GROUPS / tiles(tile)), Math.floor(inner / SHORTEST_SLICE)));
  const c = backend.output([m, n]);
  const target = slices > 1 ? backend.output([slices, m, n]) : c;
  const inputs = [a, 'blocks' in b ? b.blocks : b, ...(second ? [second.a, second.b] : []), ...(bias ? [bias] : [])];
  backend.run(
    program,
    [...inputs, target],
    {
      m,
      n,
      inner,
      slice: Math.ceil(inner / slices),
      inner2: second ? second.a.shape[transposeA ? 0 : 1] : 0,
      alpha,
      scale2: second?.scale ?? 0,
      ...(packed ? { rowBytes: rowBytes(packed.type, packed.shape[1]) } : {}),
    },
    [Math.ceil(n / tile), Math.ceil(m / tile), slices],
  );
  if (slices > 1) {
    backend.run(sumSlices(false), [target, c], { size: m * n, count: slices }, Math.ceil((m * n) / 64));
    backend.release(target);
  }
  return c;
}

registerGpuKernel<GemmAttrs>('Gemm', (backend, { a, b }, attrs) => runGemm(backend, { a, b, ...attrs }));
