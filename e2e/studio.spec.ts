// The Studio: a setting is changed and put back, files come and go, runs are started, queued, repeated, named, deleted and had back.
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { expectAxeClean } from './axeClean';
import { listenForComplaints, readStore, SHORT_LESSON } from './lessonPage';

async function openStudio(page: Page, options: Record<string, string> = SHORT_LESSON): Promise<void> {
  await page.goto(`/?${new URLSearchParams(options)}#/studio`);
  await expect(page.getByText('Ready', { exact: true })).toBeVisible({ timeout: 60_000 });
}

const startButton = (page: Page) => page.getByRole('button', { name: 'Start the run' });
const runRows = (page: Page) => page.getByRole('region', { name: 'Runs', exact: true }).locator('.run-row');

interface StoredRow {
  config: { seed: number; settings: Record<string, unknown>; totalSteps: number };
  status: string;
  step: number;
}

test('a changed setting is marked and put back; a broken file changes nothing; a file out and in is the same', async ({
  page,
}) => {
  const complaints = listenForComplaints(page);
  await openStudio(page);
  const rate = page.locator('[data-place="learningRate"]');
  await expect(rate).not.toHaveAttribute('data-changed');
  await rate.getByRole('textbox').fill('0.002');
  await expect(rate).toHaveAttribute('data-changed');
  await expect(page.getByText(/^\d of the lesson’s choices:.*Learning rate/)).toBeVisible();

  // Out of range: the start button says so and leads there.
  await rate.getByRole('textbox').fill('7');
  await expect(rate).toContainText('Allowed: 1e-7 to 1.');
  await page.getByRole('button', { name: 'Correct: Learning rate' }).click();
  await expect(rate.getByRole('textbox')).toBeFocused();
  await rate.getByRole('button', { name: 'Put Learning rate back to 0.001' }).click();
  await expect(rate.getByRole('textbox')).toHaveValue('0.001');
  await expect(startButton(page)).toBeVisible();

  const choose = (name: string, text: string) =>
    page
      .locator('.configuration-files input[type="file"]')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text, 'utf8') });
  await choose(
    'broken.json',
    '{"format":"second-thought.run","version":1,"recipe":"score","steps":0,"settings":{"alpha":-1}}',
  );
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('nothing was changed');
  await expect(alert).toContainText('settings.alpha: expected 0 to 100, got -1');
  await expect(alert).toContainText('steps: expected a whole number from 1 to');
  await expect(page.locator('[data-place="run.steps"]').getByRole('textbox')).toHaveValue('3');

  for (const kind of ['JSON', 'YAML']) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Export ${kind}` }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    await page.getByRole('button', { name: 'Reset everything' }).click();
    await expect(page.locator('[data-place="run.minutes"]').getByRole('textbox')).toHaveValue('5');
    await choose(download.suggestedFilename(), text);
    await expect(page.locator('[data-place="run.steps"]').getByRole('textbox')).toHaveValue('3');
    await expect(page.locator('[data-place="problems"]').getByRole('textbox')).toHaveValue('8');
    await expect(alert).toHaveCount(0);
  }
  // A preset of one's own is kept, chosen again after a reload, and removed.
  await page.getByRole('button', { name: 'Save as preset' }).click();
  await page.getByLabel('Name of the preset').fill('small');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const preset = page.getByLabel('Preset', { exact: true });
  await expect(preset).toHaveValue('own small');
  await preset.selectOption({ label: 'SCoRe: Ablation: no Stage I' });
  await expect(page.locator('[data-place="stageOne"]')).toHaveAttribute('data-changed');
  await page.reload();
  await preset.selectOption({ label: 'small' });
  await expect(page.locator('[data-place="problems"]').getByRole('textbox')).toHaveValue('8');
  await page.getByRole('button', { name: 'Back to what was there' }).click();
  await preset.selectOption({ label: 'small' });
  await expect(preset.locator('option[value="own small"]')).toHaveCount(1);
  await page.getByRole('button', { name: 'Remove this preset' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(preset.locator('option[value="own small"]')).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test('the base is measured, a run started, two more seeds queued over a reload, their mean shown', async ({ page }) => {
  await openStudio(page);
  await page.getByRole('button', { name: 'Measure the base' }).click();
  const base = page.getByRole('region', { name: 'The base, before practice' });
  await expect(base.getByRole('table')).toContainText('n = 20');

  await startButton(page).click();
  await expect(runRows(page)).toHaveCount(1);
  await expect(runRows(page)).toContainText('finished', { timeout: 60_000 });
  // What was measured now speaks of this machine.
  await expect(page.getByText(/^From the speed of the run of/)).toBeVisible();
  const [first] = await readStore<StoredRow>(page, 'runs');
  expect(first).toMatchObject({ status: 'finished', step: 3, config: { seed: 1, settings: { problems: 8 } } });

  await page.getByLabel('Seeds', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Repeat with 2 seeds' }).click();
  const group = page.locator('.group-row');
  await expect(group).toContainText(/of 2 finished/);
  await page.reload();
  await expect(group).toContainText('2 of 2 finished', { timeout: 90_000 });
  await expect(group.getByRole('table')).toContainText('mean over seeds (n = 2 runs)');
  await expect(group.getByRole('table').getByRole('row', { name: /^Greedy/ })).toContainText(/\d+\.\d% \(.*%\)/);
  await expect(page.getByText(/^Nothing waits\./)).toBeVisible();
  const runs = await readStore<StoredRow>(page, 'runs');
  expect(runs.map(({ config }) => config.seed).sort()).toEqual([1, 1, 2]);
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['finished']));

  // A run that gains nothing stops by its rule and says so; its configuration is frozen in the list.
  await page.getByLabel('When nothing is gained').check();
  await page.locator('[data-place="run.evaluations"]').getByRole('textbox').fill('1');
  await page.locator('[data-place="run.minDelta"]').getByRole('textbox').fill('0.99');
  await startButton(page).click();
  const stopped = runRows(page).first();
  await expect(stopped).toContainText('1 of 3', { timeout: 60_000 });
  await expect(stopped).toContainText('finished', { timeout: 60_000 });
  await stopped.getByRole('button', { name: /^Details/ }).click();
  await expect(stopped).toContainText(
    'stopped early: no gain of more than 0.99 in “second attempt right” in 1 evaluations',
  );
});

test('a run is named, deleted, had back, and gone for good when the time is over; axe in every dress', async ({
  page,
}) => {
  await openStudio(page, { ...SHORT_LESSON, steps: '1' });
  await startButton(page).click();
  const run = runRows(page);
  await expect(run).toContainText('finished', { timeout: 60_000 });
  await run.getByRole('button', { name: /^Details/ }).click();
  await run.getByLabel('Name', { exact: true }).fill('my run');
  await run.getByLabel('Tags, separated by commas').fill('short, first');
  await run.getByRole('button', { name: 'Save' }).click();
  await expect(run.getByRole('link', { name: 'my run', exact: true })).toBeVisible();
  await expect(run.locator('.tag')).toHaveText(['short', 'first']);
  await expectAxeClean(page, 'the Studio with a run unfolded');

  await run.getByRole('button', { name: 'Delete' }).click();
  await expect(run).toHaveCount(0);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(run.getByRole('link', { name: 'my run', exact: true })).toBeVisible();
  expect(await readStore(page, 'runs')).toHaveLength(1);

  await run.getByRole('button', { name: /^Details/ }).click();
  await run.getByRole('button', { name: 'Duplicate and tweak' }).click();
  await expect(page.locator('[data-place="run.steps"]').getByRole('textbox')).toHaveValue('1');
  await run.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeVisible();
  await expect.poll(async () => (await readStore(page, 'runs')).length, { timeout: 30_000 }).toBe(0);
  for (const store of ['metrics', 'evaluations', 'traces', 'checkpoints'] as const) {
    expect(await readStore(page, store), store).toEqual([]);
  }
  await expect(page.getByRole('button', { name: /^Undo/ })).toHaveCount(0);
});
