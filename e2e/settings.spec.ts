// Settings: the self-test on this machine's engine, the keys, the tour by keyboard, what is remembered.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { expectAxeClean } from './axeClean';
import { listenForComplaints, openLesson, SHORT_LESSON, startPractice } from './lessonPage';

test('the self-test passes on simd and says how far and how fast', async ({ page }) => {
  const complaints = listenForComplaints(page);
  const folder = join(import.meta.dirname, '..', 'src', 'ops');
  const ops = readdirSync(folder).filter((name) => existsSync(join(folder, name, `${name}.cases.ts`))).length;
  await page.goto('/?backend=simd#/settings');
  await page.getByRole('button', { name: 'Test the engine' }).click();
  await expect(page.getByText(new RegExp(`All \\d+ checks of ${ops} operations passed`))).toBeVisible({
    timeout: 90_000,
  });
  const speed = await page.getByText(/runs at .* GFLOP\/s/).innerText();
  expect(Number(/at ([\d.,]+) GFLOP/.exec(speed)?.[1].replace(',', ''))).toBeGreaterThan(0);
  await expect(page.getByText(/learns from [1-9][\d,]* tokens a second.* and writes [1-9][\d,]* tokens/)).toBeVisible();
  const engines = page.getByRole('table', { name: 'Engines of this machine, side by side' });
  await expect(engines.getByRole('row')).toHaveCount(2);
  await expect(engines.getByRole('row', { name: /^Processor( [\d.,]*[1-9][\d.,]*){3}$/ })).toBeVisible();
  const step = page.getByRole('figure', { name: /Where the time of one SCoRe step .* goes \([1-9][\d,]* ms/ });
  await expect(step.getByRole('listitem')).toHaveCount(5);
  const shares = await step.getByRole('listitem').allInnerTexts();
  const total = shares.reduce((sum, text) => sum + Number(/([\d.]+)\s?%/.exec(text)?.[1]), 0);
  // Five numbers, each rounded to a tenth.
  expect(Math.abs(total - 100)).toBeLessThanOrEqual(0.3);
  await page.getByText('Every operation', { exact: true }).click();
  await expect(page.locator('.op-results tbody tr')).toHaveCount(ops);
  await expect(page.locator('.op-results .mark.wrong')).toHaveCount(0);
  expect(complaints).toEqual([]);
  await expectAxeClean(page, 'settings');
});

test('keys go anywhere, but not while somebody types, and can be switched off', async ({ page }) => {
  await page.goto('/?seed=1#/settings');
  await expect(page.getByRole('heading', { level: 2, name: 'Settings' })).toBeVisible();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keys' });
  await expect(list.getByText('Pause the run, or let it go on')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await expect(page).toHaveURL(/#\/playground/);
  await page.getByLabel('Number 2').fill('4');
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await expect(page).toHaveURL(/#\/playground/);
  await page.getByRole('heading', { level: 2 }).click();
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await expect(page).toHaveURL(/#\/settings/);
  await page.getByText('Off', { exact: true }).click();
  await page.reload();
  await page.keyboard.press('?');
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await expect(page).toHaveURL(/#\/settings/);
  await expect(list).toHaveCount(0);
});

test('space pauses and resumes a run, a full stop makes one step', async ({ page }) => {
  await openLesson(page, { ...SHORT_LESSON, steps: '400', every: '100' });
  await startPractice(page);
  await expect(page.getByRole('button', { name: 'Pause' })).toBeEnabled();
  await page.getByRole('heading', { level: 2, name: /Let it practise/ }).click();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Resume' })).toBeEnabled();
  const step = page.locator('dl.facts div', { has: page.getByText('Step', { exact: true }) }).locator('dd');
  const before = Number.parseInt(await step.innerText(), 10);
  await page.getByRole('heading', { level: 2, name: /Let it practise/ }).click();
  await page.keyboard.press('.');
  await expect(step).toHaveText(new RegExp(`^${before + 1} `));
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeEnabled();
});

test('the tour comes once, is walked and left by keyboard, and can be asked for again', async ({ page }) => {
  await page.goto('/?seed=1&tour=on');
  const tour = page.getByRole('dialog', { name: 'Tour of the page' });
  await expect(tour).toBeFocused();
  await expectAxeClean(page, 'tour', [['en', 'dark']]);
  await page.getByRole('heading', { level: 2, name: 'Let it practise' }).click();
  // A click beside it was a wish to leave.
  await expect(tour).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeEnabled();
  await expect(tour).toHaveCount(0);

  await page.goto('/?seed=1#/settings');
  await page.getByRole('button', { name: 'Take the tour' }).focus();
  await page.keyboard.press('Enter');
  await expect(tour).toBeFocused();
  for (let stop = 1; stop < 5; stop++) {
    await expect(tour.getByText(`${stop} of 5`)).toBeVisible();
    await expect(page.locator('[data-tour]')).toHaveCount(1);
    await tour.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
  }
  await tour.getByRole('button', { name: 'Back' }).click();
  await expect(tour.getByText('4 of 5')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(tour).toHaveCount(0);
  await expect(page.locator('[data-tour]')).toHaveCount(0);
});
