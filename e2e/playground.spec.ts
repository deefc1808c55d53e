// The playground: two answers to one question, what else was likely, examples kept and taken home, and an address that says it all.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { expectAxeClean } from './axeClean';
import { listenForComplaints, openLesson, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

const side = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const attemptsOf = async (page: Page, name: string) =>
  side(page, name).locator('.attempt > p.model-text').allInnerTexts();

const attemptTokens = async (page: Page, name: string) => {
  const rows = await side(page, name).locator('.token-row').all();
  return Promise.all(rows.map((row) => row.getByRole('button').allInnerTexts()));
};

async function ask(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Let both answer' }).click();
  // Two attempts on each side, each with its alternatives.
  await expect(page.locator('.alternatives')).toHaveCount(4);
}

/** Tries problems until the two sides differ, then looks at the marks and their switch. */
async function expectMarks(page: Page): Promise<void> {
  const marks = page.getByRole('checkbox', { name: 'Mark what differs' });
  const same = page.getByText('Both wrote the same, token for token.');
  for (let tries = 0; tries < 8; tries++) {
    await expect(marks.or(same)).toBeVisible();
    if (await marks.isVisible()) break;
    const numbers = page.url();
    await page.getByRole('button', { name: 'Another problem' }).click();
    await expect(page).not.toHaveURL(numbers);
    await ask(page);
  }
  await expect(marks).toBeChecked();
  const framed = page.locator('.token-row .differs');
  const changes = side(page, 'After practice').locator('.word-diff');
  await expect(changes).toHaveCount(2);
  const [base, trained] = [await attemptTokens(page, 'Before practice'), await attemptTokens(page, 'After practice')];
  // Where an attempt differs both its halves say so; where it does not, neither has a frame.
  for (const place of [0, 1]) {
    const differs = base[place].join() !== trained[place].join();
    const words = changes.nth(place).locator('ins, del');
    expect((await words.count()) > 0).toBe(differs);
    const row = side(page, 'After practice').locator('.token-row').nth(place).locator('.differs');
    const other = side(page, 'Before practice').locator('.token-row').nth(place).locator('.differs');
    expect((await row.count()) + (await other.count()) > 0).toBe(differs);
  }
  await expect(framed.first()).toHaveAccessibleName(/, not in the other answer$/);
  await marks.uncheck();
  await expect(page).toHaveURL(/marks=off/);
  await expect(framed).toHaveCount(0);
  await expect(changes).toHaveCount(0);
  await marks.check();
  await expect(changes).toHaveCount(2);
  await expectAxeClean(page, 'playground with marks', [
    ['ko', 'dark'],
    ['en', 'light'],
  ]);
}

test('without a run both sides are the base: same seed, same answers, alternatives at every token', async ({
  page,
}) => {
  const complaints = listenForComplaints(page);
  await page.goto('/?seed=1#/playground?n=7.3.11.5.2.8&seed=4&t=1');
  await expect(page.getByText('No run is kept here yet')).toBeVisible();
  await ask(page);
  const base = await attemptsOf(page, 'Before practice');
  expect(base).toHaveLength(2);
  expect(base[0]).toMatch(/^7/);
  expect(await attemptsOf(page, 'The base model once more')).toEqual(base);
  await expect(page.getByText('Both wrote the same, token for token.')).toBeVisible();

  const tokens = side(page, 'Before practice').getByRole('toolbar', { name: 'Tokens of the first attempt' });
  const table = side(page, 'Before practice').locator('.alternatives').first();
  await tokens.getByRole('button').first().hover();
  await expect(table.locator('caption')).toContainText('Instead of “7”');
  // One tab stop; arrows walk.
  await tokens.getByRole('button', { pressed: true }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(table.locator('caption')).toContainText(/Instead of “[+-]3=”/);
  await expect(table.locator('tbody tr')).toHaveCount(5);
  await expect(table.locator('tbody tr.written')).toHaveCount(1);
  const shares = (await table.locator('.number').allInnerTexts()).map((text) => Number.parseFloat(text));
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  expect(shares.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(100.3);

  // Another seed is another question; the old one gives the same answer again.
  await page.getByLabel('Seed', { exact: true }).fill('5');
  await expect(page).toHaveURL(/seed=5/);
  await expect(page.getByText(/The answers below belong to the problem 7 3 11 5 2 8 with seed 4/)).toBeVisible();
  await page.getByLabel('Seed', { exact: true }).fill('4');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/The answers below belong/)).toHaveCount(0);
  await expect(page.locator('.alternatives')).toHaveCount(4);
  expect(await attemptsOf(page, 'Before practice')).toEqual(base);
  expect(complaints).toEqual([]);
});

test('examples are saved, survive a reload, can be deleted and taken back, and go home as JSONL', async ({ page }) => {
  await page.goto('/?seed=1#/playground?n=7.3.11.5.2.8');
  await ask(page);
  await side(page, 'Before practice').getByRole('button', { name: 'Save as example' }).click();
  await expect(page.getByText('One conversation, kept in this browser.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('One conversation, kept in this browser.')).toBeVisible();
  await page.getByRole('button', { name: /^Delete dial 7 3/ }).click();
  await expect(page.getByText('None yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as JSONL' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('second-thought-examples.jsonl');
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(1);
  const { messages } = JSON.parse(lines[0]);
  expect(messages.map((message: { role: string }) => message.role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  expect(messages[0].content).toBe('dial 7 3 11 5 2 8');
});

test('after practice the trained side is the run, last or best, and the address brings it back', async ({ page }) => {
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  await waitUntilFinished(page);
  await page.getByRole('link', { name: 'Playground' }).click();
  await expect(page.getByRole('combobox', { name: 'Trained side' })).toContainText('step 3');
  await ask(page);
  await expect(side(page, 'After practice').getByText(/last checkpoint/)).toBeVisible();
  await expectMarks(page);
  const chooser = page.getByRole('combobox', { name: 'Trained side' });
  await chooser.selectOption('base');
  await expect(page).toHaveURL(/#\/playground\/base\?/);
  await chooser.selectOption({ index: 0 });
  await page.getByText(/^Best, step/).click();
  await expect(page).toHaveURL(/slot=best/);
  await ask(page);
  await expect(side(page, 'After practice').getByText(/best checkpoint/)).toBeVisible();
  const before = await attemptsOf(page, 'After practice');
  await page.reload();
  await ask(page);
  expect(await attemptsOf(page, 'After practice')).toEqual(before);
  await expectAxeClean(page, 'playground');
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await expect(page.getByRole('region', { name: 'What takes how much room' }).getByRole('row')).toHaveCount(3);
  await expectAxeClean(page, 'settings with a run kept', [['ko', 'dark']]);
});
