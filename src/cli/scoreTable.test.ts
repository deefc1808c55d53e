// The rows of the table: names that are asked for elsewhere, recipes and settings that exist.
import { expect, test } from 'vitest';
import { checkSettings } from '../protocol/fields';
import { recipeById } from '../recipes/index';
import { scoreRows } from './scoreTable';

test('rows have names of their own, and every one can be trained', () => {
  const ids = scoreRows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(['base', 'self_refine', 'star_d', 'star_d_plus', 'pair_sft_d', 'score']));
  for (const { recipe, settings } of scoreRows) {
    if (recipe === null) continue;
    const { fields } = recipeById(recipe);
    for (const name of Object.keys(settings ?? {})) expect(fields.map((field) => field.name)).toContain(name);
    expect(checkSettings(fields, settings ?? {})).toMatchObject(settings ?? {});
  }
});
