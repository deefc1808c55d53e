// A WGSL program as data: name, bindings, parameters, code. Bindings and parameters are declared once here and written
// into the shader, so that the order in the shader and the order in the launch cannot drift apart.
// Sizes are parameters (a uniform struct), not constants: texts of another length need no new pipeline.

/** `f32`/`i32`: a read-only array. `f32 out`/`i32 out`: read and written. */
export type StorageKind = 'f32' | 'i32' | 'f32 out' | 'i32 out';
export type ParameterKind = 'u32' | 'f32';

export interface GpuProgram {
  /** Unique, variants included; shown in errors and in profilers. */
  name: string;
  storage: [name: string, kind: StorageKind][];
  parameters: [name: string, kind: ParameterKind][];
  workgroup: [number, number];
  /** Functions and workgroup variables. */
  declarations: string;
  /** Body of main: what merged programs are made of. */
  body: string;
  /** The whole shader; `main` is its entry. */
  source: string;
  /** The same for devices with subgroups; the same text where nothing is reduced. */
  subgroupSource: string;
  /** The same program with one more binding behind the others, whose elements it adds to its first output. */
  plus: (() => GpuProgram) | null;
}

interface ProgramDefinition {
  name: string;
  storage: Record<string, StorageKind>;
  parameters: Record<string, ParameterKind>;
  /** @default 64 in one dimension: some drivers silently run only half of larger groups. */
  workgroup?: [number, number];
  /** Functions and workgroup variables. */
  declarations?: string;
  plus?: () => GpuProgram;
  /** Body of main. In scope: `group` (workgroup_id), `groupIndex` (linear), `lane` (0…63), `local`, `params`, the storage. */
  body: string;
}

const known = new Map<string, GpuProgram>();

/** Every program defined so far, for the compile sweep. */
export function definedPrograms(): GpuProgram[] {
  return [...known.values()];
}

/** Defines a program once; asking again by the same name gives the same object. */
export function defineProgram(name: string, define: () => Omit<ProgramDefinition, 'name'>): GpuProgram {
  const present = known.get(name);
  if (present) return present;
  const program = assemble({ name, ...define() });
  known.set(name, program);
  return program;
}

function assemble(definition: ProgramDefinition): GpuProgram {
  const { name, workgroup = [64, 1], declarations = '', body, plus = null } = definition;
  const storage = Object.entries(definition.storage);
  const parameters = Object.entries(definition.parameters);
  const bindings = storage.map(([variable, kind], index) => declareStorage(variable, kind, index));
  const fields = parameters.map(([field, kind]) => `${field}: ${kind}`);
  const text = (hasSubgroups: boolean) => `// ${name}
${hasSubgroups ? subgroupPrologue : ''}${bindings.join('\n')}
struct Parameters { ${fields.join(', ')} }
@group(0) @binding(${storage.length}) var<uniform> params: Parameters;
${hasSubgroups ? declarations.replace(reductions, subgroupReductions) : declarations}
@compute @workgroup_size(${workgroup[0]}, ${workgroup[1]}, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,${hasSubgroups ? subgroupBuiltins : ''}
) {
  ${hasSubgroups ? subgroupBeginning : ''}
  let groupIndex = group.x + group.y * groups.x;
${body}
}
`;
  const source = text(false);
  const subgroupSource = declarations.includes(reductions) ? text(true) : source;
  return { name, storage, parameters, workgroup, declarations, body, source, subgroupSource, plus };
}

/** The line that declares a binding. */
export function declareStorage(variable: string, kind: StorageKind, binding: number): string {
  const [element, out] = kind.split(' ');
  return `@group(0) @binding(${binding}) var<storage, ${out ? 'read_write' : 'read'}> ${variable}: array<${element}>;`;
}

/** Writes parameters as the shader's struct sees them. All fields are 4 bytes, so the struct has no holes. */
export function packParameters(program: GpuProgram, values: Record<string, number>): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(program.parameters.length);
  const floats = new Float32Array(words.buffer);
  program.parameters.forEach(([name, kind], index) => {
    const value = values[name];
    if (value === undefined) {
      throw new RangeError(
        `${program.name}: expected the parameter ${name}, got ${Object.keys(values).join(', ') || 'none'}. Pass it.`,
      );
    }
    if (kind === 'f32') floats[index] = value;
    else words[index] = value;
  });
  return words;
}

/**
 * WGSL of a sum (or maximum) over the 64 lanes of a workgroup; every lane gets the result. Two barriers: eights first, then
 * the eight of them. The next call may begin at once, because it writes `reducedEights` only after its own first barrier.
 */
export const reductions = `
var<workgroup> reduced: array<f32, 64>;
var<workgroup> reducedEights: array<f32, 8>;
fn reduceSum(value: f32, lane: u32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  if (lane < 8u) {
    var part = reduced[lane * 8u];
    for (var i = 1u; i < 8u; i = i + 1u) { part = part + reduced[lane * 8u + i]; }
    reducedEights[lane] = part;
  }
  workgroupBarrier();
  var result = reducedEights[0];
  for (var i = 1u; i < 8u; i = i + 1u) { result = result + reducedEights[i]; }
  return result;
}
fn reduceMax(value: f32, lane: u32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  if (lane < 8u) {
    var part = reduced[lane * 8u];
    for (var i = 1u; i < 8u; i = i + 1u) { part = max(part, reduced[lane * 8u + i]); }
    reducedEights[lane] = part;
  }
  workgroupBarrier();
  var result = reducedEights[0];
  for (var i = 1u; i < 8u; i = i + 1u) { result = max(result, reducedEights[i]); }
  return result;
}
`;

/**
 * The same where the device has subgroups: their own sums first, then these, in the order of the subgroups; one barrier. Two
 * halves of the workgroup variable take turns, so that the next call may write while slow lanes still read.
 */
export const subgroupReductions = `
var<workgroup> reducedParts: array<f32, 128>;
fn reduceSum(value: f32, lane: u32) -> f32 {
  let part = subgroupAdd(value);
  reductionTurn = 64u - reductionTurn;
  if (subgroupElect()) { reducedParts[reductionTurn + subgroupIndex] = part; }
  workgroupBarrier();
  // Four by four: small subgroups leave many parts, and a long chain of sums rounds more.
  var sums = vec4f();
  for (var i = 0u; i < subgroupCount; i = i + 1u) { sums[i & 3u] = sums[i & 3u] + reducedParts[reductionTurn + i]; }
  return (sums.x + sums.y) + (sums.z + sums.w);
}
fn reduceMax(value: f32, lane: u32) -> f32 {
  let part = subgroupMax(value);
  reductionTurn = 64u - reductionTurn;
  if (subgroupElect()) { reducedParts[reductionTurn + subgroupIndex] = part; }
  workgroupBarrier();
  var result = reducedParts[reductionTurn];
  for (var i = 1u; i < subgroupCount; i = i + 1u) { result = max(result, reducedParts[reductionTurn + i]); }
  return result;
}
`;
/** What a shader with subgroupReductions has before everything else, among main's arguments, and at the beginning of main. */
export const subgroupPrologue = `enable subgroups;
var<private> subgroupIndex: u32;
var<private> subgroupCount: u32;
var<private> reductionTurn: u32;
`;
export const subgroupBuiltins = `
  @builtin(subgroup_id) subgroupId: u32,
  @builtin(num_subgroups) subgroups: u32,`;
export const subgroupBeginning = `subgroupIndex = subgroupId;
  subgroupCount = subgroups;`;

/**
 * About the smallest float32, as a finite stand-in for −∞ in running maxima: WGSL may assume that values are finite, so −∞ is
 * recognised by its bits and never computed with.
 */
export const numbers = `
const LOWEST = -3.4e38;
fn isMinusInfinity(value: f32) -> bool { return bitcast<u32>(value) == 0xff800000u; }
fn isNan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }
/** Natural logarithm to about 1e-7: the built-in one may be off by 5e-7 around 1 (Vulkan), too much for a log-probability. */
fn preciseLog(x: f32) -> f32 {
  let parts = frexp(x);
  let small = parts.fract < 0.70710678;
  let m = select(parts.fract, 2.0 * parts.fract, small);
  let s = (m - 1.0) / (m + 1.0); // log m = 2 atanh s, |s| < 0.172
  let t = s * s;
  let series = s * (2.0 + t * (0.66666667 + t * (0.4 + t * (0.28571429 + t * 0.22222222))));
  return series + f32(select(parts.exp, parts.exp - 1, small)) * 0.69314718;
}
fn isFiniteNumber(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }
`;
