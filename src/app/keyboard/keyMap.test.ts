// @vitest-environment happy-dom
// Which key counts as which letter, and when a key belongs to what has the focus.
import { expect, test } from 'vitest';
import { isTourDue } from '../tour/FirstTour';
import { belongsElsewhere, keyMap, keyOf } from './keyMap';

test('letters, also from a keyboard that writes Hangul', () => {
  expect(keyOf({ key: 'G', code: 'KeyG' })).toBe('g');
  expect(keyOf({ key: 'ㅎ', code: 'KeyG' })).toBe('g');
  expect(keyOf({ key: 'Process', code: 'KeyP' })).toBe('p');
  // On this layout the letter stands elsewhere: what is written counts.
  expect(keyOf({ key: 'a', code: 'KeyQ' })).toBe('a');
  expect(keyOf({ key: '?', code: 'Slash' })).toBe('?');
  expect(keyOf({ key: '.', code: 'Period' })).toBe('.');
  expect(keyOf({ key: ' ', code: 'Space' })).toBe(' ');
});

test('no two entries share their keys, and none begins where another ends', () => {
  const sequences = keyMap(() => undefined).map(({ keys }) => keys.join(' '));
  expect(new Set(sequences).size).toBe(sequences.length);
  const first = new Set(sequences.filter((keys) => /^\S \S/.test(keys)).map((keys) => keys[0]));
  expect(sequences.filter((keys) => first.has(keys))).toEqual([]);
});

test('what is typed is left alone, space presses buttons, and an open dialog keeps its keys', () => {
  document.body.innerHTML =
    '<main tabindex="-1"><input /><select></select><button></button><p id="plain"></p><div tabindex="0" id="scroll"></div></main>';
  const find = (selector: string) => document.querySelector(selector);
  expect(belongsElsewhere('g', find('input'))).toBe(true);
  expect(belongsElsewhere('g', find('select'))).toBe(true);
  expect(belongsElsewhere('g', find('button'))).toBe(false);
  expect(belongsElsewhere(' ', find('button'))).toBe(true);
  expect(belongsElsewhere(' ', find('#scroll'))).toBe(true);
  expect(belongsElsewhere(' ', find('#plain'))).toBe(false);
  expect(belongsElsewhere(' ', null)).toBe(false);
  document.body.insertAdjacentHTML('beforeend', '<dialog open></dialog>');
  expect(belongsElsewhere('g', find('#plain'))).toBe(true);
});

test('the tour comes once, never to a machine unless it asks, and again when it is asked for', () => {
  expect(isTourDue('unseen', null, false)).toBe(true);
  expect(isTourDue('unseen', null, true)).toBe(false);
  expect(isTourDue('unseen', 'on', true)).toBe(true);
  expect(isTourDue('unseen', 'off', false)).toBe(false);
  expect(isTourDue('seen', 'on', false)).toBe(false);
  expect(isTourDue('again', 'off', true)).toBe(true);
});
