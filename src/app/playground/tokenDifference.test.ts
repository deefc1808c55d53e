// The marks of the playground: on each side what the other does not have, nothing where both wrote the same.
import { expect, test } from 'vitest';
import { tokensThatDiffer } from './tokenDifference';

const marked = (own: string, other: string) => {
  const tokens = own.split(' ');
  return tokens.filter((_, i) => tokensThatDiffer(tokens, other.split(' '))[i]).join(' ');
};

test('marks what the other answer does not have at that place', () => {
  expect(marked('7 +3= 10 -11= 11', '7 +3= 10 -11= 11')).toBe('');
  expect(marked('7 +3= 10 -11= 11', '7 -3= 4 -11= 5')).toBe('+3= 10 11');
  expect(marked('7 -3= 4 -11= 5', '7 +3= 10 -11= 11')).toBe('-3= 4 5');
  expect(marked('7 +3= 10', '7 +3=')).toBe('10');
  expect(tokensThatDiffer([], ['7'])).toEqual([]);
});
