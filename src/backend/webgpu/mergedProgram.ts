// Several programs as one: the workgroups of a dispatch are shared out among its parts, each part keeps its own text with its names
// made its own. Which buffers are one and the same is part of the program, so that a shared input is bound once.
import {
  declareStorage,
  type GpuProgram,
  reductions,
  subgroupBeginning,
  subgroupBuiltins,
  subgroupPrologue,
  subgroupReductions,
} from './gpuProgram';
import { type Launch, placeOf } from './launch';

export interface MergedProgram {
  name: string;
  /** of every binding: part and index there, where its buffer is found */
  places: [part: number, index: number][];
  written: boolean[];
  /** 4-byte fields of the parameters */
  fields: number;
  source: string;
  /** for devices with subgroups; null where it would be the same */
  subgroupSource: string | null;
}

/** Own fields of a part ahead of its parameters: first workgroup behind it, extents in x and y. */
const OWN_FIELDS = ['end', 'x', 'y'];

const declared = /\b(?:fn|const|var<\w+>)\s+(\w+)/g;
const workgroupVariables = /var<workgroup>\s*(\w+)[^;]*;/g;

/** Another name for every identifier that is in the list; members (after a dot) keep theirs. */
function rename(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/(?<![.\w])[A-Za-z_]\w*/g, (word) => names.get(word) ?? word);
}

interface Part {
  program: GpuProgram;
  /** of every binding of the part: its place in the merged program */
  places: number[];
}

function partText({ program, places }: Part, index: number, firstAlike: number, hasSubgroups: boolean): string {
  const { body } = program;
  const declarations = hasSubgroups
    ? program.declarations.replace(reductions, subgroupReductions)
    : program.declarations;
  const names = new Map(program.storage.map(([name], i) => [name, `place${places[i]}`]));
  for (const [, name] of declarations.matchAll(declared)) names.set(name, `${name}_${index}`);
  // Only one part runs in a workgroup: parts of the same program share its workgroup memory.
  for (const [, name] of declarations.matchAll(workgroupVariables)) names.set(name, `${name}_${firstAlike}`);
  const own = (text: string) => rename(text.replace(/\bparams\.(\w+)/g, `params.part${index}_$1`), names);
  const needed = firstAlike === index ? declarations : declarations.replace(workgroupVariables, '');
  const width = program.workgroup[0];
  return `${own(needed)}
fn part${index}(index: u32, lane: u32) {
  let group = vec3u(
    index % params.part${index}_x, index / params.part${index}_x % params.part${index}_y,
    index / (params.part${index}_x * params.part${index}_y));
  let groupIndex = group.x + group.y * params.part${index}_x;
  let local = vec3u(lane % ${width}u, lane / ${width}u, 0u);
${own(body)}
}`;
}

/** What tells merged programs apart. */
function keyOf(parts: readonly Part[]): string {
  return parts.map(({ program, places }) => `${program.name} (${places})`).join(' | ');
}

function assemble(name: string, parts: readonly Part[], storage: readonly string[], hasSubgroups: boolean): string {
  const fields = parts.flatMap(({ program }, p) => [
    ...OWN_FIELDS.map((field) => `part${p}_${field}: u32`),
    ...program.parameters.map(([field, kind]) => `part${p}_${field}: ${kind}`),
  ]);
  const texts = parts.map((part, p) =>
    partText(
      part,
      p,
      parts.findIndex(({ program }) => program === part.program),
      hasSubgroups,
    ),
  );
  const branches = parts.map((_, p) => {
    const start = p > 0 ? `params.part${p - 1}_end` : '0u';
    return `if (index < params.part${p}_end) { part${p}(index - ${start}, lane); }`;
  });
  return `// ${name}
${hasSubgroups ? subgroupPrologue : ''}${storage.join('\n')}
struct Parameters { ${fields.join(', ')} }
@group(0) @binding(${storage.length}) var<uniform> params: Parameters;
${texts.join('\n')}
@compute @workgroup_size(64, 1, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,${hasSubgroups ? subgroupBuiltins : ''}
) {
  ${hasSubgroups ? subgroupBeginning : ''}
  let index = group.x + group.y * groups.x;
  ${branches.join('\n  else ')}
}
`;
}

const known = new Map<string, MergedProgram>();

/** The program of launches that share a dispatch; the same one for the same programs over buffers shared in the same way. */
export function mergedProgram(launches: readonly Launch[]): MergedProgram {
  const indices = new Map<string, number>();
  const places: [number, number][] = [];
  const parts = launches.map(
    (launch, p): Part => ({
      program: launch.program,
      places: launch.bindings.map((binding, i) => {
        const key = placeOf(launch, binding, i);
        const index = indices.get(key) ?? places.length;
        if (index === places.length) places.push([p, i]);
        indices.set(key, index);
        return index;
      }),
    }),
  );
  const name = keyOf(parts);
  const present = known.get(name);
  if (present) return present;
  const kinds = places.map(([p, i]) => launches[p].program.storage[i][1]);
  const storage = kinds.map((kind, i) => declareStorage(`place${i}`, kind, i));
  const program: MergedProgram = {
    name,
    places,
    written: kinds.map((kind) => kind.endsWith('out')),
    fields: parts.reduce((sum, part) => sum + OWN_FIELDS.length + part.program.parameters.length, 0),
    source: assemble(name, parts, storage, false),
    subgroupSource: parts.some(({ program: { declarations } }) => declarations.includes(reductions))
      ? assemble(name, parts, storage, true)
      : null,
  };
  known.set(name, program);
  return program;
}

/** Parameters of a merged launch, and its workgroups. */
export function mergedParameters(launches: readonly Launch[]): { words: number[]; groups: number } {
  const words: number[] = [];
  let groups = 0;
  for (const { words: own, groups: extents } of launches) {
    groups += extents[0] * extents[1] * extents[2];
    words.push(groups, extents[0], extents[1], ...own);
  }
  return { words, groups };
}
