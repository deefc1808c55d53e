// Two short runs that differ in seed and learning rate: beside the base, beside one another; the tables say what was stored.
import { expect, type Page, test } from '@playwright/test';
import { expectAxeClean } from './axeClean';
import { listenForComplaints, readStore, SHORT_LESSON } from './lessonPage';

const SHORTEST = { ...SHORT_LESSON, steps: '2' };

interface Tested {
  config: { id: string; seed: number };
  finished: { before: Measured; after: Measured };
}
type Measured = Record<'greedy' | 'sampled', { n: number; accuracyT2: number; delta: number }>;

const tests = (page: Page) => page.getByRole('region', { name: 'Closing tests' }).getByRole('table');
const settings = (page: Page) => page.getByRole('region', { name: 'Settings' }).getByRole('table');
const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
const points = (share: number) =>
  new Intl.NumberFormat('en', { minimumFractionDigits: 1, signDisplay: 'exceptZero' })
    .format(Number((share * 100).toFixed(1)) + 0)
    .replace('-', '−');

test('two runs: curves, closing tests against the base and against one another, settings that differ', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const complaints = listenForComplaints(page);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.goto(`/?${new URLSearchParams(SHORTEST)}#/compare`);
  await expect(page.getByText('No run is kept in this browser yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Set up a run' }).click();
  await expect(page.getByText('Ready', { exact: true })).toBeVisible({ timeout: 60_000 });

  const rows = page.getByRole('region', { name: 'Runs', exact: true }).locator('.run-row');
  const start = page.getByRole('button', { name: 'Start the run' });
  await start.click();
  await expect(rows.first()).toContainText('finished', { timeout: 60_000 });
  await page.locator('[data-place="run.seed"]').getByRole('textbox').fill('9');
  await page.locator('[data-place="learningRate"]').getByRole('textbox').fill('0.004');
  await start.click();
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('finished', { timeout: 60_000 });
  const stored = await readStore<Tested>(page, 'runs');
  const [first, second] = [1, 9].map((seed) => stored.find(({ config }) => config.seed === seed) as Tested);

  // One run, from the list of runs: beside the base.
  await rows
    .last()
    .getByRole('link', { name: /^Compare/ })
    .click();
  await expect(page).toHaveURL(new RegExp(`#/compare\\?runs=${first.config.id}`));
  await expect(tests(page).getByRole('row')).toHaveCount(3);
  const base = tests(page).getByRole('row', { name: /^Base model/ });
  await expect(base).toContainText('(baseline)');
  await expect(base).toContainText(percent(first.finished.before.greedy.accuracyT2));
  const a = tests(page).getByRole('row', { name: /^A / });
  await expect(a).toContainText(percent(first.finished.after.greedy.accuracyT2));
  await expect(a.locator('.difference').nth(1)).toContainText(
    points(first.finished.after.greedy.accuracyT2 - first.finished.before.greedy.accuracyT2),
  );
  await expect(page.getByText('One run is chosen')).toBeVisible();

  // The other one too, found by its seed; then it is the baseline.
  await page.getByLabel('Find by name, tag, method or seed').fill('seed 9');
  await expect(page.locator('.pick-list li')).toHaveCount(1);
  await page.locator('.pick-list').getByRole('checkbox').check();
  await expect(page.locator('.end-labels text')).toHaveCount(3);
  await expect(page.locator('.overlay path[stroke-dasharray]')).toHaveCount(1);
  await page.getByLabel('Baseline').selectOption(second.config.id);
  await expect(tests(page).getByRole('row').nth(1)).toContainText('(baseline)');
  const gap = first.finished.after.greedy.delta - second.finished.after.greedy.delta;
  await expect(a.locator('.difference').nth(2)).toContainText(points(gap));
  await expect(page.getByText(`All answered the same ${first.finished.after.greedy.n} test problems.`)).toBeVisible();

  // Only the two settings that differ, the baseline's value first.
  await expect(settings(page).locator('tbody tr')).toHaveCount(2);
  await expect(settings(page).getByRole('row', { name: /Seed/ }).getByRole('cell')).toHaveText(['9', '1']);
  await expect(
    settings(page)
      .getByRole('row', { name: /learningRate/ })
      .getByRole('cell'),
  ).toHaveText(['0.004', '0.001']);
  await page.getByRole('button', { name: /^Copy as Markdown\s+Settings/ }).click();
  await expect.poll(copied).toContain('| --- | --- | --- |');
  await page.getByLabel('Only differences').uncheck();
  await page.getByLabel('Find a setting').fill('checkpoint');
  await expect(settings(page).locator('tbody tr')).toHaveCount(1);

  // Sampled gains as a table; the address says it all and opens the same again.
  await page.getByRole('radio', { name: 'Sampled, T = 1' }).check({ force: true });
  await page.getByRole('radio', { name: 'Δ', exact: true }).check({ force: true });
  await expect(page).toHaveURL(/measure=delta.*decoding=sampled|decoding=sampled.*measure=delta/);
  await page.getByRole('radio', { name: 'Table' }).check({ force: true });
  const steps = page.getByRole('region', { name: 'Measurements of the chosen runs' });
  await expect(steps.getByRole('row')).toHaveCount(4);
  await page.getByRole('button', { name: /^Copy as CSV\s+Curves/ }).click();
  await expect.poll(copied).toContain('run,id,step,tokens,minutes,eval_sampled/delta');
  expect((await copied()).split('\n')).toHaveLength(7);
  await page.getByRole('button', { name: /^Copy as CSV\s+Closing tests/ }).click();
  await expect.poll(copied).toContain('accuracy_t2_vs_baseline');
  await page.reload();
  await expect(a).toContainText(percent(first.finished.after.sampled.accuracyT2));
  await expect(page.getByLabel('Baseline')).toHaveValue(second.config.id);

  await expectAxeClean(page, 'two runs compared');
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(complaints).toEqual([]);
});
