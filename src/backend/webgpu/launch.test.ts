// Which launches share a dispatch, and which sums disappear: on launches over buffers that are only names.
import { expect, test } from 'vitest';
import { defineProgram, type GpuProgram, type StorageKind } from './gpuProgram';
import { arrange, type Binding, dropUnseen, foldSums, type Launch, type MergeLimits } from './launch';
import { mergedParameters, mergedProgram } from './mergedProgram';

const program = (name: string, storage: Record<string, StorageKind>, plus = false): GpuProgram =>
  defineProgram(`launch.test ${name}`, () => ({
    storage,
    parameters: { size: 'u32' },
    declarations: 'var<workgroup> panel: array<f32, 64>;',
    body: '  panel[lane] = params.size.x; let a = 1;',
    plus: plus ? () => program(`${name} + more`, { ...storage, more: 'f32' }) : undefined,
  }));
const copying = program('copy', { a: 'f32', b: 'f32 out' });
const product = program('product', { a: 'f32', b: 'f32', c: 'f32 out' }, true);
const adding = program('add', { a: 'f32', b: 'f32', y: 'f32 out' });

/** "x" is a buffer of 64 bytes; "x1" is the window at byte 64 of the buffer x. */
function binding(name: string): Binding {
  const [letter, window = '0'] = name;
  const offset = 64 * Number(window);
  return { buffer: {} as GPUBuffer, id: letter.charCodeAt(0), offset, size: 64, dataId: { name } };
}
const launch = (of: GpuProgram, names: string, groups: [number, number, number] = [2, 1, 1]): Launch => ({
  program: of,
  bindings: names.split(' ').map(binding),
  words: Uint32Array.of(7),
  groups,
});
const namesOf = ({ bindings }: Launch) => bindings.map(({ dataId }) => (dataId as { name: string }).name).join(' ');
const limits: MergeLimits = { buffers: 8, workgroupBytes: 16384, parts: 6 };
const arranged = (launches: Launch[], more: Partial<MergeLimits> = {}) =>
  arrange(launches, { ...limits, ...more }).map((batch) => batch.map(namesOf));

test('what does not wait for one another shares a dispatch', () => {
  expect(arranged([launch(copying, 'a b'), launch(copying, 'a c'), launch(copying, 'b d')])).toEqual([
    ['a b', 'a c'],
    ['b d'],
  ]);
});

test('reading after writing, writing after reading and writing twice keep their order', () => {
  expect(arranged([launch(copying, 'a b'), launch(copying, 'b c')])).toEqual([['a b'], ['b c']]);
  expect(arranged([launch(copying, 'a b'), launch(copying, 'c a')])).toEqual([['a b'], ['c a']]);
  expect(arranged([launch(copying, 'a b'), launch(copying, 'c b')])).toEqual([['a b'], ['c b']]);
});

test('windows of one buffer are apart, but a dispatch does not read one and write another', () => {
  expect(arranged([launch(copying, 'a g'), launch(copying, 'b g1')])).toEqual([['a g', 'b g1']]);
  expect(arranged([launch(copying, 'g a'), launch(copying, 'b g1')])).toEqual([['g a'], ['b g1']]);
});

test('no more buffers, parts and workgroup memory than allowed', () => {
  const four = 'a b,c d,e f,g h'.split(',').map((names) => launch(copying, names));
  expect(arranged(four)).toEqual([['a b', 'c d', 'e f', 'g h']]);
  expect(arranged(four, { buffers: 7 })).toEqual([['a b', 'c d', 'e f'], ['g h']]);
  expect(arranged(four, { parts: 2 })).toEqual([
    ['a b', 'c d'],
    ['e f', 'g h'],
  ]);
  expect(arranged(four, { parts: 1 })).toEqual([['a b'], ['c d'], ['e f'], ['g h']]);
  // Parts of one program share their memory, parts of two do not.
  expect(arranged(four, { workgroupBytes: 256 })).toEqual([['a b', 'c d', 'e f', 'g h']]);
  const two = [launch(copying, 'a b'), launch(product, 'c d e')];
  expect(arranged(two, { workgroupBytes: 511 })).toEqual([['a b'], ['c d e']]);
  expect(arranged(two, { workgroupBytes: 512 })).toEqual([['a b', 'c d e']]);
});

test('a large launch stays alone, and so does one that binds a buffer twice', () => {
  expect(arranged([launch(copying, 'a b', [200, 100, 1]), launch(copying, 'c d')])).toEqual([['a b'], ['c d']]);
  expect(arranged([launch(copying, 'c d'), launch(product, 'a a b')])).toEqual([['c d'], ['a a b']]);
});

/** Folds with the named tensors disposed of; tensors of one name are one. */
function folded(launches: Launch[], dead: string): string[] {
  const ids = new Map<string, object>();
  for (const { bindings } of launches) {
    for (const each of bindings) {
      const { name } = each.dataId as { name: string };
      each.dataId = ids.get(name) ?? each.dataId;
      ids.set(name, each.dataId);
    }
  }
  const isDead = (dataId: object) => dead.includes((dataId as { name: string }).name);
  return foldSums(launches, adding, isDead, 8).map((each) => `${each.program.name.slice(12)}: ${namesOf(each)}`);
}

test('a sum goes into the launch that makes its later term', () => {
  expect(folded([launch(product, 'a b c'), launch(adding, 'x c y')], 'c')).toEqual(['product + more: a b y x']);
  expect(folded([launch(product, 'a b c'), launch(adding, 'c x y')], 'c')).toEqual(['product + more: a b y x']);
  const chain = [launch(product, 'a b c'), launch(product, 'a b d'), launch(adding, 'c d y')];
  expect(folded(chain, 'cd')).toEqual(['product: a b c', 'product + more: a b y c']);
});

test('a sum stays where its term is needed, or is made by a program that cannot add', () => {
  const kept = (launches: Launch[], dead: string) => expect(folded(launches, dead)).toHaveLength(launches.length);
  kept([launch(product, 'a b c'), launch(adding, 'x c y')], '');
  kept([launch(product, 'a b c'), launch(copying, 'c z'), launch(adding, 'x c y')], 'c');
  kept([launch(copying, 'a c'), launch(adding, 'x c y')], 'c');
  kept([launch(adding, 'x c y')], 'c');
  kept([launch(product, 'a b c'), launch(adding, 'c c y')], 'c');
  // The other term changes in between, or the dispatch would read and write one buffer.
  kept([launch(product, 'a b c'), launch(copying, 'd x'), launch(adding, 'x c y')], 'c');
  kept([launch(product, 'a g c'), launch(adding, 'x c g1')], 'c');
});

test('what nobody has read and nobody can is not launched', () => {
  const left = (launches: Launch[], dead: string) =>
    dropUnseen(launches, copying, (dataId) => dead.includes((dataId as { name: string }).name)).map(namesOf);
  expect(left([launch(copying, 'a b'), launch(product, 'a c d')], 'ab')).toEqual(['a c d']);
  expect(left([launch(copying, 'a b'), launch(product, 'b c d')], 'ab')).toEqual(['a b', 'b c d']);
  expect(left([launch(copying, 'a b'), launch(product, 'a c d')], 'a')).toEqual(['a b', 'a c d']);
  expect(left([launch(product, 'b c d'), launch(copying, 'a b')], 'ab')).toEqual(['b c d']);
  expect(left([launch(product, 'a c b')], 'abc')).toEqual(['a c b']);
});

test('a merged program: shared buffers once, names and parameters of its own for every part', () => {
  const batch = [launch(copying, 'a b', [3, 2, 1]), launch(copying, 'a c')];
  const merged = mergedProgram(batch);
  expect(mergedProgram(batch.map((each) => ({ ...each })))).toBe(merged);
  expect(merged.places).toEqual([
    [0, 0],
    [0, 1],
    [1, 1],
  ]);
  expect(merged.written).toEqual([false, true, true]);
  expect(merged.source.match(/var<storage/g)).toHaveLength(3);
  expect(merged.source.match(/var<workgroup>/g)).toHaveLength(1);
  expect(merged.source).toContain('panel_0[lane] = params.part1_size.x');
  expect(mergedParameters(batch)).toEqual({ words: [6, 3, 2, 7, 8, 2, 1, 7], groups: 8 });
});
