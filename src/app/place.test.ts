// @vitest-environment happy-dom
// Addresses: what is written is read back, and a broken link is the lesson.
import { expect, test } from 'vitest';
import { goTo, hrefOf, readPlace, replaceId, replaceQuery } from './place';

test('an address and its place are the same thing', () => {
  const href = hrefOf('traces', 'a/b c', { step: 5, sample: '3', sort: null, text: '' });
  expect(href).toBe('#/traces/a%2Fb%20c?step=5&sample=3');
  const { screen, id, query } = readPlace(href);
  expect([screen, id, query.get('step'), query.get('sample'), query.get('sort')]).toEqual([
    'traces',
    'a/b c',
    '5',
    '3',
    null,
  ]);
});

test('what names no screen is the lesson', () => {
  for (const hash of ['', '#', '#/', '#practise', '#/nowhere/x', '#%E0%A4%A']) {
    expect(readPlace(hash).screen, hash).toBe('lesson');
  }
  expect(readPlace('#/run/%E0%A4%A')).toMatchObject({ screen: 'run', id: null });
});

test('replacing part of the query keeps the rest and the history', () => {
  goTo(hrefOf('traces', 'r', { step: 5 }));
  const { length } = window.history;
  replaceQuery({ sample: 2, step: 6 });
  expect(window.location.hash).toBe('#/traces/r?step=6&sample=2');
  replaceQuery({ step: null });
  expect(window.location.hash).toBe('#/traces/r?sample=2');
  replaceId('s');
  expect(window.location.hash).toBe('#/traces/s?sample=2');
  expect(window.history.length).toBe(length);
});
