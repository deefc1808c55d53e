// Two tabs on one run: one leads, the other follows live, cannot train the same run twice, and takes over when the first dies.
import { expect, test } from '@playwright/test';
import { fact, openLesson, readStore, SHORT_LESSON, startPractice } from './lessonPage';

/** Long enough on any machine; it is stopped before its end. */
const lesson = { ...SHORT_LESSON, steps: '2000', every: '1000', checkpoint: '1' };

test('the second tab follows live, cannot interfere, and takes over when the first is closed', async ({ context }) => {
  const leader = await context.newPage();
  await openLesson(leader, lesson);
  await startPractice(leader);
  await expect(fact(leader, 'Step')).toHaveText(/^[1-9]\d* of 2,000$/);

  const follower = await context.newPage();
  await openLesson(follower, lesson);
  await expect(follower.getByText('Another tab is at work on this run.')).toBeVisible();
  await expect(follower.locator('.run-controls')).toHaveCount(0);
  await expect(follower.locator('.stored-runs').getByRole('button', { name: /Delete|Resume/ })).toHaveCount(0);
  const seen = Number.parseInt((await fact(follower, 'Step').innerText()).replace(',', ''), 10);
  await expect
    .poll(async () => Number.parseInt((await fact(follower, 'Step').innerText()).replace(',', ''), 10), {
      timeout: 60_000,
    })
    .toBeGreaterThan(seen + 1);

  await leader.close({ runBeforeUnload: false });
  await expect(follower.getByText('The other tab was closed. This one goes on from step')).toBeVisible();
  await expect(follower.locator('.run-controls').getByRole('button', { name: 'Pause' })).toBeVisible();
  await follower.getByRole('button', { name: 'Stop and keep' }).click();
  await expect(fact(follower, 'State')).toHaveText('stopped, kept');
  const rows = await readStore<{ runId: string; step: number }>(follower, 'metrics');
  expect(rows.length).toBeGreaterThan(seen + 1);
  expect(rows.map(({ step }) => step)).toEqual(rows.map((_, i) => i + 1));
  expect(new Set(rows.map(({ runId }) => runId)).size).toBe(1);
});
