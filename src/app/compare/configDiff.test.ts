// Which settings differ, and tables as text.
import { expect, test } from 'vitest';
import { runConfig } from '../testing/recordedLesson';
import { configLines } from './configDiff';
import { asCsv, asMarkdown } from './tableText';

test('settings side by side: what one has not is undefined, what names a run is left out', () => {
  const a = { ...runConfig, id: 'a', settings: { alpha: 10, kl: 0.1 }, createdAt: '2026-01-01T00:00:00.000Z' };
  const b = { ...runConfig, id: 'b', seed: 8, settings: { alpha: 10, rank: 4 }, minutes: null };
  const lines = configLines([a, b]);
  const different = lines.filter(({ isDifferent }) => isDifferent).map(({ name, values }) => [name, ...values]);
  expect(different).toEqual([
    ['seed', 7, 8],
    ['minutes', 5, undefined],
    ['settings.kl', 0.1, undefined],
    ['settings.rank', undefined, 4],
  ]);
  expect(lines.map(({ name }) => name)).toContain('settings.alpha');
  expect(lines.some(({ name }) => name === 'id' || name === 'createdAt')).toBe(false);
  const patience = { metric: 'eval/delta', better: 'higher' as const, evaluations: 2, minDelta: 0.01 };
  const early = configLines([a, { ...a, earlyStop: { patience, ceiling: null, fromStep: 0 } }]);
  expect(early.filter(({ isDifferent }) => isDifferent).map(({ name }) => name)).toEqual(['earlyStop']);
  // A run kept by an earlier version says nothing of early stopping: that is "never".
  expect(configLines([a, { ...a, earlyStop: null }]).some(({ isDifferent }) => isDifferent)).toBe(false);
});

test('tables as CSV and Markdown', () => {
  const table = {
    head: ['name', 'x'],
    rows: [
      ['a, "b"', 1],
      ['c|d', null],
    ],
  };
  expect(asCsv(table)).toBe('name,x\n"a, ""b""",1\nc|d,');
  expect(asMarkdown(table)).toBe('| name | x |\n| --- | --- |\n| a, "b" | 1 |\n| c\\|d | – |');
});
