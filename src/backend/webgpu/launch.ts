// Launches before they are encoded. They are collected for a while, because only then can be seen which belong together:
// a sum goes into the launch that makes its second term (no pass over memory of its own), and launches that do not wait for one
// another share a dispatch (a small model's step costs what its dispatches cost, not what they compute).
import type { GpuProgram } from './gpuProgram';

/** What one binding sees: a whole buffer, or a window of one. */
export interface Binding {
  buffer: GPUBuffer;
  /** unique per buffer */
  id: number;
  /** bytes */
  offset: number;
  size: number;
  /** tfjs' name of the tensor */
  dataId: object;
}

export interface Launch {
  program: GpuProgram;
  /** in the order of `program.storage` */
  bindings: Binding[];
  /** parameters as the shader's struct sees them */
  words: Uint32Array;
  groups: [number, number, number];
}

export interface MergeLimits {
  /** storage buffers that one dispatch may bind */
  buffers: number;
  /** bytes of workgroup memory */
  workgroupBytes: number;
  /** parts of one dispatch; 1 = nothing is merged */
  parts: number;
}

/** From so many workgroups on a launch fills any GPU by itself: sharing its registers with others would cost more than it saves. */
const LARGE = 16384;

const isWritten = (program: GpuProgram, index: number) => program.storage[index][1].endsWith('out');
const overlap = (a: Binding, b: Binding) =>
  a.id === b.id && a.offset < b.offset + b.size && b.offset < a.offset + a.size;
const reads = ({ program, bindings }: Launch, binding: Binding) =>
  bindings.some((other, i) => !isWritten(program, i) && overlap(other, binding));
const writes = ({ program, bindings }: Launch, binding: Binding) =>
  bindings.some((other, i) => isWritten(program, i) && overlap(other, binding));

/** Without the launches of `program` whose result nobody has read and nobody can. */
export function dropUnseen(
  launches: readonly Launch[],
  program: GpuProgram,
  isDead: (dataId: object) => boolean,
): Launch[] {
  return launches.filter((launch, at) => {
    if (launch.program !== program) return true;
    const made = launch.bindings.filter((_, i) => isWritten(program, i));
    if (!made.every(({ dataId }) => isDead(dataId))) return true;
    return launches.some((other, i) => i > at && made.some((binding) => reads(other, binding)));
  });
}

/**
 * `sum = a + b` disappears into the launch that writes the later of the two terms, where that program has a form that adds and the
 * term is seen by nobody else.
 * @param adding the program of a sum: a, b, sum
 * @param isDead a tensor that has been disposed of
 */
export function foldSums(
  launches: readonly Launch[],
  adding: GpuProgram,
  isDead: (dataId: object) => boolean,
  mostBuffers: number,
): Launch[] {
  const result: (Launch | null)[] = [...launches];
  /** Index of the last launch before `end` that writes the binding; −1: written earlier than all of these. */
  const writerOf = (binding: Binding, end: number): number => {
    for (let i = end - 1; i >= 0; i--) {
      const launch = result[i];
      if (launch && writes(launch, binding)) return i;
    }
    return -1;
  };
  for (let at = 0; at < result.length; at++) {
    const sum = result[at];
    if (sum?.program !== adding) continue;
    const [a, b, target] = sum.bindings;
    const [fromA, fromB] = [writerOf(a, at), writerOf(b, at)];
    const [term, other, from] = fromA > fromB ? [a, b, fromA] : [b, a, fromB];
    const maker = from >= 0 ? result[from] : null;
    const output = maker?.program.storage.findIndex(([, kind]) => kind.endsWith('out')) ?? -1;
    const whole = maker?.bindings[output];
    if (!maker?.program.plus || overlap(a, b) || whole?.dataId !== term.dataId || !isDead(term.dataId)) continue;
    if (maker.bindings.length >= mostBuffers || clashes(maker, output, other, target)) continue;
    const isReadElsewhere = result.some((launch, i) => launch && i > from && i !== at && reads(launch, term));
    const isOtherChanged = result.slice(from, at).some((launch) => launch && writes(launch, other));
    if (isReadElsewhere || isOtherChanged) continue;
    const bindings = [...maker.bindings, other];
    bindings[output] = target;
    result[from] = { ...maker, program: maker.program.plus(), bindings };
    result[at] = null;
  }
  return result.filter((launch) => launch !== null);
}

/** A dispatch may not bind one buffer for reading and for writing, not even in different windows. */
function clashes(maker: Launch, output: number, other: Binding, target: Binding): boolean {
  const kept = maker.bindings.filter((_, i) => i !== output);
  const written = maker.bindings.filter((_, i) => i !== output && isWritten(maker.program, i));
  return other.id === target.id || kept.some(({ id }) => id === target.id) || written.some(({ id }) => id === other.id);
}

/** Launches of one dispatch, with what they bind. */
class Batch {
  readonly launches: Launch[] = [];
  private readonly places = new Set<string>();
  private readonly modes = new Map<number, boolean>();
  private readonly memory = new Map<GpuProgram, number>();
  private isClosed = false;

  constructor(private readonly limits: MergeLimits) {}

  /** Takes the launch if it fits beside the others. Which depends on which is the caller's business. */
  take(launch: Launch): boolean {
    const { program, bindings, groups } = launch;
    const keys = bindings.map((binding, i) => placeOf(launch, binding, i));
    const isAlone =
      groups[0] * groups[1] * groups[2] >= LARGE ||
      program.workgroup[0] * program.workgroup[1] !== 64 ||
      new Set(keys).size < keys.length;
    if (this.launches.length > 0) {
      if (this.isClosed || isAlone || this.launches.length >= this.limits.parts) return false;
      if (new Set([...this.places, ...keys]).size > this.limits.buffers) return false;
      const isWrite = (i: number) => isWritten(program, i);
      if (bindings.some(({ id }, i) => (this.modes.get(id) ?? isWrite(i)) !== isWrite(i))) return false;
      if (this.bytesWith(program) > this.limits.workgroupBytes) return false;
    }
    bindings.forEach((binding, i) => {
      this.places.add(keys[i]);
      this.modes.set(binding.id, isWritten(program, i));
    });
    this.memory.set(program, workgroupBytes(program));
    this.isClosed = isAlone;
    this.launches.push(launch);
    return true;
  }

  private bytesWith(program: GpuProgram): number {
    const others = [...this.memory].filter(([known]) => known !== program).map(([, bytes]) => bytes);
    return others.reduce((sum, bytes) => sum + bytes, workgroupBytes(program));
  }
}

/** Two bindings with the same name can be one. */
export const placeOf = ({ program }: Launch, { id, offset, size }: Binding, index: number): string =>
  `${id}:${offset}:${size}:${program.storage[index][1]}`;

const ELEMENT_BYTES = [
  [/vec4|mat/, 16],
  [/vec3/, 16],
  [/vec2/, 8],
] as const;
const knownBytes = new WeakMap<GpuProgram, number>();

/** Workgroup memory that a program declares, in bytes. */
function workgroupBytes(program: GpuProgram): number {
  const known = knownBytes.get(program);
  if (known !== undefined) return known;
  let bytes = 0;
  for (const [, type] of program.declarations.matchAll(/var<workgroup>\s*\w+\s*:\s*([^;]+);/g)) {
    const count = Number(/,\s*(\d+)\s*>$/.exec(type.trim())?.[1] ?? 1);
    bytes += Math.ceil((count * (ELEMENT_BYTES.find(([pattern]) => pattern.test(type))?.[1] ?? 4)) / 16) * 16;
  }
  knownBytes.set(program, bytes);
  return bytes;
}

interface Access {
  binding: Binding;
  isWrite: boolean;
  batch: number;
}

/** Puts every launch into the first dispatch that comes after all it depends on and has room. @returns dispatches in order */
export function arrange(launches: readonly Launch[], limits: MergeLimits): Launch[][] {
  const batches: Batch[] = [];
  const accesses = new Map<number, Access[]>();
  for (const launch of launches) {
    let at = limits.parts > 1 ? 0 : batches.length;
    launch.bindings.forEach((binding, i) => {
      for (const { binding: other, isWrite, batch } of accesses.get(binding.id) ?? []) {
        if ((isWrite || isWritten(launch.program, i)) && overlap(binding, other)) at = Math.max(at, batch + 1);
      }
    });
    while (at < batches.length && !batches[at].take(launch)) at++;
    if (at === batches.length) {
      batches.push(new Batch(limits));
      batches[at].take(launch);
    }
    launch.bindings.forEach((binding, i) => {
      const list = accesses.get(binding.id) ?? [];
      accesses.set(binding.id, list);
      list.push({ binding, isWrite: isWritten(launch.program, i), batch: at });
    });
  }
  return batches.map((batch) => batch.launches);
}
