// The list of samples without a screen: what is shown, in which order, what an address says of it, and how little is read.
import { expect, test, vi } from 'vitest';
import { manySamples, namedChunk } from '../app/testing/manySamples';
import { traceChunk } from '../app/testing/recordedLesson';
import { indexOfChunk } from '../protocol/traceIndex';
import { createSavedViews } from './savedViews';
import { bySteps, filterRows, noFilter, sortRows, type TraceFilter } from './traceFilter';
import { readQuery, writeQuery } from './traceQuery';
import { columnNames, columnOf, nameOf, rowOf, tableOf } from './traceTable';
import { createTraceView } from './traceView';

// Flips in turn in every chunk: i→c, c→i, c→c, i→i; stage I through step 30.
const steps = [31, 5, 10];
const table = tableOf([
  ...steps.map((step) => indexOfChunk(traceChunk(step))),
  indexOfChunk(traceChunk(10, 'eval_greedy')),
]);
const rows = (filter: Partial<TraceFilter>) => filterRows(table, { ...noFilter, ...filter });

test('the table follows the steps, and every row has a name that leads back to it', () => {
  expect(table.rows).toBe(4 * 64);
  expect(table.chunks.map(({ step, kind }) => `${step} ${kind}`)).toEqual([
    '5 train',
    '10 eval_greedy',
    '10 train',
    '31 train',
  ]);
  expect(table.stages).toEqual(['stage_1', 'stage_2']);
  for (const row of [0, 63, 64, 255]) expect(rowOf(table, nameOf(table, row))).toBe(row);
  expect(nameOf(table, 130)).toEqual({ kind: 'train', step: 10, sample: 2 });
  expect(rowOf(table, { kind: 'train', step: 10, sample: 64 })).toBe(-1);
  expect(rowOf(table, { kind: 'train', step: 11, sample: 0 })).toBe(-1);
});

test('filters: flip with the counts of all flips, kind, stage, steps, a term with its bounds, one problem', () => {
  const mended = rows({ flip: 'i_to_c' });
  expect(mended.rows).toHaveLength(64);
  expect(mended.anyFlip).toBe(256);
  expect(mended.flips).toEqual([64, 64, 64, 64]);
  expect(rows({ kind: 'eval_greedy', flip: 'c_to_i' }).rows).toHaveLength(16);
  expect(rows({ stage: 'stage_2' }).rows).toHaveLength(64);
  expect([...rows({ from: 10, to: 10, kind: 'train' }).rows]).toEqual(Array.from({ length: 64 }, (_, i) => 128 + i));
  // Bonus of wrong → right is +10, of right → wrong −10; a measurement has none, and NaN is in no bounds.
  expect(rows({ range: { column: 'shaping@2', min: 5, max: null } }).rows).toHaveLength(3 * 16);
  expect(rows({ range: { column: 'shaping@2', min: null, max: null } }).rows).toHaveLength(3 * 64);
  expect(rows({ range: { column: 'shaping@1', min: null, max: null } }).rows).toHaveLength(0);
  const prompt = indexOfChunk(traceChunk(5)).prompt[3];
  expect(rows({ prompt }).rows).toHaveLength(256);
  expect(rows({ prompt: prompt + 1 }).rows).toHaveLength(0);
});

test('sorting agrees with a plain sort by value, equal values by row, what was not computed last', () => {
  const all = rows({}).rows;
  for (const column of columnNames(table)) {
    const values = columnOf(table, column);
    for (const descending of [false, true]) {
      const plain = [...all].sort((a, b) => {
        const [x, y] = [values[a], values[b]];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
        return (descending ? y - x : x - y) || a - b;
      });
      expect([...sortRows(table, all, { column, descending })], `${column} ${descending}`).toEqual(plain);
    }
  }
  // The credited reward where there is one, else the plain one.
  const total = columnOf(table, 'total@2');
  expect(total[0]).toBe(11);
  expect(total[64]).toBe(1);
});

test('an address says filter, order and sample, and gives them back; what cannot be read is as good as none', () => {
  const query = {
    filter: {
      ...noFilter,
      flip: 'c_to_i' as const,
      kind: 'train' as const,
      stage: 'stage_1',
      from: 3,
      to: 9,
      range: { column: 'shaping@2', min: -10, max: null },
      prompt: 77,
      text: '7 +3= 10 & more',
    },
    sort: { column: 'advantage@2', descending: true },
    open: { kind: 'train' as const, step: 12, sample: 34 },
    columns: ['landing', 'wrong_hops'],
  };
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(writeQuery(query))) if (value !== null) said.set(name, String(value));
  expect(readQuery(new URLSearchParams(said.toString()))).toEqual(query);
  expect(readQuery(new URLSearchParams('step=5')).filter).toMatchObject({ from: 5, to: 5 });
  expect(writeQuery({ ...query, filter: { ...noFilter, from: 5, to: 5 } })).toMatchObject({ step: 5, from: null });
  const broken = 'flip=x&kind=y&from=-1&to=1e9999&range=a:b&open=train.1&sort=&prompt=z&columns=,a%20b';
  const none = { filter: noFilter, sort: bySteps, open: null, columns: [] };
  expect(readQuery(new URLSearchParams(broken))).toEqual(none);
  expect(readQuery(new URLSearchParams('columns=a,b,a,c,d,e')).columns).toEqual(['a', 'b', 'c', 'd']);
  const ofExtra = { ...query, filter: { ...noFilter, range: { column: 'extra/landing@2', min: 1, max: null } } };
  expect(writeQuery(ofExtra).range).toBe('extra/landing@2:1:');
  expect(readQuery(new URLSearchParams('range=extra/landing@2:1:&sort=-extra/landing@1'))).toMatchObject({
    filter: { range: ofExtra.filter.range },
    sort: { column: 'extra/landing@1', descending: true },
  });
});

test('100,000 samples: filtered and sorted from the lists alone; a text is found chunk by chunk and can be left', async () => {
  const shelf = manySamples(1563);
  const view = createTraceView(shelf);
  await view.load();
  const state = () => view.store.getState();
  expect(state()).toMatchObject({ status: 'ready', reading: null, anyFlip: 100_032 });
  view.apply({ filter: { ...noFilter, flip: 'i_to_c' }, sort: { column: 'advantage@2', descending: true } });
  expect(state().order).toHaveLength(25_008);
  expect(shelf.chunksRead).toBe(0);

  // Only what is wanted is read, and a later wish replaces an earlier one.
  view.reader.want([...state().order.subarray(0, 30)]);
  view.reader.want([0, 100_031]);
  await vi.waitFor(() => expect(view.reader.text(100_031)).toMatchObject({ prompt: 'step 1563 episode 63' }));
  expect(view.reader.text(0)).toMatchObject({ prompt: 'step 1 episode 0' });
  expect(shelf.chunksRead).toBeLessThanOrEqual(6);

  view.apply({ filter: { ...noFilter, text: 'STEP 777 episode 1', from: 770, to: 780 }, sort: bySteps });
  expect(state().search).not.toBeNull();
  await vi.waitFor(() => expect(state().search).toBeNull());
  // 1 and 10 … 19
  expect(state().order).toHaveLength(11);
  expect(nameOf(state().table, state().order[0])).toEqual({ kind: 'train', step: 777, sample: 1 });

  view.apply({ filter: { ...noFilter, text: 'episode' } });
  await vi.waitFor(() => expect(state().order.length).toBeGreaterThan(0));
  view.stopSearch();
  const left = state().order.length;
  expect(state().search?.stopped).toBe(true);
  const read = shelf.chunksRead;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(state().order).toHaveLength(left);
  // The chunk under way may still have come.
  expect(shelf.chunksRead).toBeLessThanOrEqual(read + 1);
  view.apply({ filter: noFilter });
  expect(state().order).toHaveLength(100_032);
});

test('following a run: new steps are taken in without reading the old ones again, and what was read stays', async () => {
  const shelf = manySamples(3);
  const view = createTraceView(shelf);
  await view.load();
  view.reader.want([5]);
  await vi.waitFor(() => expect(view.reader.text(5)).not.toBeNull());
  const text = view.reader.text(5);
  const indexes = vi.spyOn(shelf, 'indexes');
  // The evaluation of a step comes after its practice, and stands before it in the list.
  shelf.keys = async () => [
    ...[1, 2, 3, 4, 5].map((step) => ({ step, kind: 'train' as const })),
    { step: 5, kind: 'eval_greedy' as const },
  ];
  await view.extend();
  expect(indexes.mock.calls.flatMap(([keys]) => keys.map(({ step }) => step))).toEqual([4, 5, 5]);
  expect(view.store.getState().order).toHaveLength(6 * 64);
  expect(view.reader.text(5)).toBe(text);
  const { table } = view.store.getState();
  await view.extend();
  expect(view.store.getState().table).toBe(table);
});

test('chunks without a list get one when the run is opened, with progress; a failure is one sentence and can be tried again', async () => {
  const shelf = manySamples(5);
  const indexes = shelf.indexes;
  shelf.indexes = async (keys) => (await indexes(keys)).map((index, i) => (i === 2 ? null : index));
  const seen: boolean[] = [];
  const view = createTraceView(shelf);
  view.store.subscribe(({ reading }) => reading && seen.push(reading.building));
  shelf.keys = vi.fn(shelf.keys).mockRejectedValueOnce(new Error('storage: refused'));
  await view.load();
  expect(view.store.getState()).toMatchObject({ status: 'failed', error: 'storage: refused' });
  await view.load();
  expect(view.store.getState()).toMatchObject({ status: 'ready', error: null });
  expect(view.store.getState().table.rows).toBe(5 * 64);
  expect(seen).toContain(true);
});

test('a chunk that was thinned out: its rows stay in the list, its texts are gone', async () => {
  const shelf = manySamples(3);
  shelf.chunk = async ({ step }) => (step === 2 ? null : namedChunk(step));
  const view = createTraceView(shelf);
  await view.load();
  view.reader.want([64, 128]);
  await vi.waitFor(() => expect(view.reader.text(128)).not.toBeNull());
  expect(view.reader.text(64)).toBe('gone');
});

test('saved views outlive the visit; what somebody else wrote there is ignored', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as Storage;
  const views = createSavedViews(() => storage);
  views.save(' mended ', 'flip=i_to_c');
  views.save('mended', 'flip=i_to_c&kind=train');
  views.save('', 'flip=c_to_i');
  expect(createSavedViews(() => storage).store.getState()).toEqual([
    { name: 'mended', query: 'flip=i_to_c&kind=train' },
  ]);
  views.remove('mended');
  expect(createSavedViews(() => storage).store.getState()).toEqual([]);
  for (const text of ['{', '7', '[1,{"name":3}]']) {
    kept.set('second-thought.trace-views', text);
    expect(createSavedViews(() => storage).store.getState()).toEqual([]);
  }
  const blocked = () => {
    throw new Error('SecurityError');
  };
  const forNow = createSavedViews(blocked);
  forNow.save('a', 'kind=train');
  expect(forNow.store.getState()).toHaveLength(1);
});
