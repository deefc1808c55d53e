// Nothing is shipped, and nothing is built with, under a licence that was not looked at.
import { expect, test } from 'vitest';
import { isAllowed, SHIPPED, shippedLicences, TOOLS, toolLicences } from './licences';
import { root } from './runTool';

test('what is shipped is under licences that ask for no more than to be named', () => {
  const shipped = shippedLicences(root);
  const refused = shipped.filter(({ licence }) => !isAllowed(licence, SHIPPED));
  expect(refused.map(({ name, licence }) => `${name}: ${licence} is not among ${SHIPPED.join(', ')}.`)).toEqual([]);
  expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(['react', 'recharts', 'fflate']));
  expect(shipped.map(({ name }) => name)).not.toContain('vitest');
  // Some packages bring no file, only the name of their licence.
  expect(shipped.filter(({ text }) => text !== null).length).toBeGreaterThan(shipped.length / 2);
});

test('tools may be under a file-wise copyleft too', () => {
  const refused = toolLicences(root).filter(({ licence }) => !isAllowed(licence, TOOLS));
  expect(refused.map(({ name, licence }) => `${name}: ${licence} is not among ${TOOLS.join(', ')}.`)).toEqual([]);
});

test('an expression is read as it is meant', () => {
  expect(isAllowed('MIT OR GPL-3.0', SHIPPED)).toBe(true);
  expect(isAllowed('MIT AND GPL-3.0', SHIPPED)).toBe(false);
  expect(isAllowed('(MIT AND ISC)', SHIPPED)).toBe(true);
  expect(isAllowed('unknown', SHIPPED)).toBe(false);
});
