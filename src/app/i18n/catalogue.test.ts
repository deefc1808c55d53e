// Both languages say the same things with the same placeholders, and nothing is left in the wrong language.
import { describe, expect, test } from 'vitest';
import { catalogues, fillIn, type TextKey } from './catalogue';
import { en } from './en';
import { formatsFor } from './format';
import { ko } from './ko';
import type { ScreenWords } from './screenWords';

const keys = Object.keys(en) as TextKey[];
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe('catalogue', () => {
  test('both languages have the same keys', () => {
    expect(Object.keys(ko).sort()).toEqual([...keys].sort());
  });

  test.each(keys)('%s has the same placeholders in both languages', (key) => {
    expect(placeholders(ko[key])).toEqual(placeholders(en[key]));
  });

  test('no text is empty, none shouts', () => {
    for (const catalogue of Object.values(catalogues)) {
      for (const key of keys) {
        expect(catalogue[key].trim(), key).not.toBe('');
        expect(catalogue[key], key).not.toContain('!');
      }
    }
  });

  test('Korean sentences are in 합니다체', () => {
    const sentences = keys
      .flatMap((key) => ko[key].split(/(?<=[가-힣]\.)\s/))
      .filter((text) => /[가-힣]\.$/.test(text));
    expect(sentences.length).toBeGreaterThan(40);
    expect(sentences.filter((text) => !/(니다|시오|전|후)\.$/.test(text))).toEqual([]);
  });

  test('what is Korean is written in Korean', () => {
    const same = keys.filter((key) => /[a-z]{3}/i.test(en[key].replace(/\{\w+\}/g, '')) && en[key] === ko[key]);
    // Names and symbols that are the same word in both.
    expect(same.sort()).toEqual(
      ['header.language.en', 'product.name', 'token.logProb'].filter((key) => same.includes(key as TextKey)),
    );
  });

  test('fills placeholders and leaves unknown ones to be seen', () => {
    expect(fillIn('{a} of {b}', { a: 1 })).toBe('1 of {b}');
  });
});

describe('words of the screens', () => {
  const files = Object.entries(import.meta.glob<{ words: ScreenWords<string> }>('../**/words.ts', { eager: true }));
  test('every screen says the same in both languages', () => {
    for (const [path, { words }] of files) checkScreen(path, words);
  });
});

function checkScreen(path: string, words: ScreenWords<string>): void {
  expect(Object.keys(words.ko).sort(), path).toEqual(Object.keys(words.en).sort());
  for (const [key, text] of Object.entries(words.en)) {
    expect(placeholders(words.ko[key]), key).toEqual(placeholders(text));
    for (const either of [text, words.ko[key]]) {
      expect(either.trim(), key).not.toBe('');
      expect(either, key).not.toContain('!');
    }
  }
  const sentences = Object.values(words.ko)
    .flatMap((text) => text.split(/(?<=[가-힣]\.)\s/))
    .filter((text) => /[가-힣]\.$/.test(text));
  expect(
    sentences.filter((text) => !/(니다|시오|전|후)\.$/.test(text)),
    path,
  ).toEqual([]);
}

describe('formats', () => {
  const english = formatsFor('en');
  const korean = formatsFor('ko');
  test('shares, points with a true minus, ranges', () => {
    expect(english.percent(0.571)).toBe('57.1%');
    expect(english.points(-0.124)).toBe('−12.4');
    expect(english.points(0.088)).toBe('+8.8');
    expect(english.points(-0.0001)).toBe('0.0');
    expect(english.range({ low: 0.526, high: 0.614 })).toBe('53–61%');
  });
  test('sizes', () => {
    expect(english.bytes(4_100_000)).toBe('4.1 MB');
    expect(english.bytes(10_741_500_000)).toBe('10.7 GB');
    expect(korean.bytes(10_741_500_000)).toBe('10.7GB');
  });
  test('time and counts as each language writes them', () => {
    expect(english.duration(252)).toBe('4 min\u00a012 sec');
    expect(korean.duration(252)).toBe('4분\u00a012초');
    expect(english.duration(-3)).toBe('0 sec');
    expect(english.compact(2_440_000)).toBe('2.44M');
    expect(korean.compact(2_440_000)).toBe('244만');
  });
  test('p values are never written as zero', () => {
    expect(english.pValue(1e-20)).toBe('< 0.001');
    expect(english.pValue(0.0123)).toBe('= 0.012');
  });
});
