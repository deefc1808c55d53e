// A run survives: paused, the page reloaded, resumed from its checkpoint, finished, and it learned the same as without the break.
import { expect, type Page, test } from '@playwright/test';
import { fact, openLesson, readStore, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

interface MetricsRow {
  step: number;
  metrics: Record<string, number | null>;
}

const lesson = { ...SHORT_LESSON, steps: '12', threads: '2' };

/** Everything that was learned, without what only says how long it took. */
async function learned(page: Page): Promise<MetricsRow[]> {
  const rows = await readStore<MetricsRow>(page, 'metrics');
  return rows.map(({ step, metrics: { step_time: _, ...metrics } }) => ({ step, metrics }));
}

test('pause, reload, resume: the run goes on where it stood and learns the same', async ({ page, browser }) => {
  await openLesson(page, lesson);
  await startPractice(page);
  await expect(fact(page, 'Step')).toHaveText(/^[1-9]\d* of 12$/);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(fact(page, 'State')).toHaveText('paused');
  const step = await fact(page, 'Step').innerText();

  await page.reload();
  await expect(fact(page, 'State')).toHaveText('paused');
  await expect(fact(page, 'Step')).toHaveText(step);
  await expect(page.getByRole('table', { name: 'Runs kept' }).or(page.locator('.stored-runs'))).toContainText('paused');
  await page.locator('.run-controls').getByRole('button', { name: 'Resume' }).click();
  await waitUntilFinished(page);
  const withBreak = await learned(page);
  expect(withBreak.map((row) => row.step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));

  const fresh = await browser.newContext();
  try {
    const other = await fresh.newPage();
    await openLesson(other, lesson);
    await startPractice(other);
    await waitUntilFinished(other);
    expect(await learned(other)).toEqual(withBreak);
  } finally {
    await fresh.close();
  }
});

test('one step is one step; stop keeps what was learned', async ({ page }) => {
  await openLesson(page, { ...lesson, steps: '200' });
  await startPractice(page);
  await expect(fact(page, 'Step')).toHaveText(/^[1-9]\d* of 200$/);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(fact(page, 'State')).toHaveText('paused');
  const before = Number.parseInt(await fact(page, 'Step').innerText(), 10);
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(fact(page, 'Step')).toHaveText(`${before + 1} of 200`);
  await expect(fact(page, 'State')).toHaveText('paused');
  await page.getByRole('button', { name: 'Stop and keep' }).click();
  await expect(fact(page, 'State')).toHaveText('stopped, kept');
  const checkpoints = await readStore<{ slot: string; checkpoint: { step: number } }>(page, 'checkpoints');
  expect(checkpoints.find(({ slot }) => slot === 'last')?.checkpoint.step).toBe(before + 1);
});
