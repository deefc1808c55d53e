// The Run screen: curves of a short run with one axis, one cursor and one table each, shared by its address, for everybody.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { fact, listenForComplaints, openLesson, readStore, SHORT_LESSON, startPractice } from './lessonPage';

async function runOnScreen(page: Page): Promise<void> {
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await expect(fact(page, 'State')).toHaveText('finished', { timeout: 120_000 });
}

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('a run in curves: eight panels, axes, smoothing, table, CSV and SVG, a point, a shared address', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const complaints = listenForComplaints(page);
  await runOnScreen(page);
  await expect(page.locator('.panels .panel')).toHaveCount(8);
  // Every plot that is scrolled to is drawn, with the grid of recharts and a curve of ours.
  const kl = panel(page, 'Distance from the base');
  await kl.scrollIntoViewIfNeeded();
  await expect(kl.locator('.metric-line path')).toHaveCount(2);
  await expect(kl.locator('.metric-line path').first()).toHaveAttribute('d', /^M[\d.]+ [\d.]+L/);
  await expect(page.locator('[data-alert]')).toHaveCount(0);

  // The axis: tokens instead of steps, and back.
  const xTicks = () => kl.locator('.recharts-cartesian-axis-tick-value').allTextContents();
  const inSteps = await xTicks();
  expect(inSteps).toEqual(expect.arrayContaining(['0', '1', '2', '3']));
  const settings = page.locator('.run-settings');
  await settings.getByText('Tokens', { exact: true }).click();
  await expect.poll(xTicks).not.toEqual(inSteps);
  await settings.getByText('Steps', { exact: true }).click();
  await expect.poll(xTicks).toEqual(inSteps);

  // Smoothing keeps the curve as measured.
  await page.getByLabel('Smoothing').fill('0.5');
  await expect(kl.locator('.metric-line path.as-measured')).toHaveCount(2);
  await expect(page).toHaveURL(/smooth=0.5/);

  // The table and the CSV say what was stored.
  const rows = await readStore<{ step: number; metrics: Record<string, number> }>(page, 'metrics');
  expect(rows.map(({ step }) => step)).toEqual([1, 2, 3]);
  await kl.getByRole('button', { name: /^Table/ }).click();
  await expect(kl.locator('tbody tr')).toHaveCount(3);
  await kl.getByRole('button', { name: /^CSV copy/ }).click();
  await expect(kl.getByRole('status')).toHaveText('Copied.');
  const csv = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
  expect(csv[0]).toBe('step,tokens,minutes,kl/t1,kl/t2');
  const values = csv.slice(1).map((line) => line.split(',').map(Number));
  expect(values.map(([step, , , t1, t2]) => [step, t1, t2])).toEqual(
    rows.map(({ step, metrics }) => [step, metrics['kl/t1'], metrics['kl/t2']]),
  );
  await kl.getByRole('button', { name: /^Chart/ }).click();
  await kl.getByRole('button', { name: /^SVG copy/ }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^<svg xmlns.*<path[^>]* d="M/s);

  // A point opens its samples, by keyboard; the address then names the step.
  await kl.locator('.point-columns rect[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('heading', { level: 2 })).toHaveText('Samples of step 1');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/step=1/);

  // The address of this run, opened anew, is this view.
  const [{ config }] = await readStore<{ config: { id: string; seed: number } }>(page, 'runs');
  await page.goto(`/#/run/${config.id}?step=2&log=1`);
  await page.reload();
  await expect(page.getByLabel('Logarithmic where possible')).toBeChecked();
  await expect(page.locator('.readout-where')).toContainText('step 2');
  await page.getByRole('button', { name: 'Follow live' }).click();
  await expect(page.locator('.readout-where')).toContainText('step 3');
  await expect(page).not.toHaveURL(/step=/);

  // Every metric by its own name, and what the run was started with.
  await page.getByText(/^All metrics \(\d+\)$/).click();
  await page.getByLabel('Find by name').fill('grad_norm');
  await expect(page.locator('.panels-small .panel')).toHaveCount(1);
  await page.getByText('Configuration of this run').click();
  await expect(page.locator('.run-config tr', { hasText: 'Seed' }).first()).toContainText(String(config.seed));

  // A name that is not there.
  await page.goto('/#/run/nobody');
  await expect(page.getByText('No run of that name is kept in this browser')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('nothing for axe to object to, in both languages and themes; nothing wider than a phone', async ({ page }) => {
  await runOnScreen(page);
  await page.getByText(/^All metrics/).click();
  // A few of them stand for all: they are one component.
  await page.getByLabel('Find by name').fill('kl');
  await page.getByText('Configuration of this run').click();
  await page
    .getByRole('button', { name: /^Table/ })
    .first()
    .click();
  for (const [language, theme] of [
    ['en', 'light'],
    ['ko', 'dark'],
    ['ko', 'light'],
    ['en', 'dark'],
  ]) {
    await page.locator('header select').first().selectOption(language);
    await page.locator('header select').nth(1).selectOption(theme);
    const { violations, passes } = await new AxeBuilder({ page }).analyze();
    expect(passes.length).toBeGreaterThan(15);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    expect(found, `${language}, ${theme}`).toEqual([]);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
