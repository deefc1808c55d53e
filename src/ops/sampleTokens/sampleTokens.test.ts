// The checks of sampleTokens.cases.ts on every backend present.
import { expect, test } from 'vitest';
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { sampleTokensSuite } from './sampleTokens.cases';
import { inverseCdf } from './sampleTokens.cpu';
import golden from './sampleTokens.golden.json';

testOnEveryBackend(sampleTokensSuite);

test('the reference turns given uniforms into the tokens of the inverse CDF', () => {
  const width = golden.logits.length / 4;
  const drawn = [0, 1, 2, 3].flatMap((row) => {
    const weights = Float64Array.from(golden.logits.slice(row * width, (row + 1) * width)).map(Math.exp);
    return golden.inverseCdf.u.map((u) => inverseCdf(weights, new Array(width).fill(true), u));
  });
  expect(drawn).toEqual(golden.inverseCdf.tokens);
});
