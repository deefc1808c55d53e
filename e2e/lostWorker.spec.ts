// What computes can die: the worker, the graphics card, the room to store. Each time one sentence, and a way on.
import { expect, type Page, test } from '@playwright/test';
import { fact, openLesson, readStore, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

/** Kills the page's worker from inside, as a browser does that needs its memory: nothing is said to the page. */
async function killWorker(page: Page): Promise<void> {
  const worker = page.workers().find((candidate) => candidate.url().includes('/worker-'));
  if (!worker) throw new Error(`expected the page's worker among ${page.workers().map((w) => w.url())}.`);
  await worker.evaluate(() => self.close()).catch(() => undefined);
}

test('a killed worker is noticed, started again, and the run resumes from its checkpoint', async ({ page }) => {
  await openLesson(page, { ...SHORT_LESSON, steps: '12' });
  await startPractice(page);
  await expect(fact(page, 'Step')).toHaveText(/^([2-9]|1\d) of 12$/);
  await killWorker(page);
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('The part of the page that computes has stopped.');
  await expect(panel).toHaveCount(1);
  await panel.getByRole('button', { name: 'Start it again' }).click();
  await expect(panel).toHaveCount(0);
  await expect(fact(page, 'State')).toHaveText('paused');
  await page.locator('.run-controls').getByRole('button', { name: 'Resume' }).click();
  await waitUntilFinished(page);
  const rows = await readStore<{ step: number }>(page, 'metrics');
  expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
});

test('without room to store, the run goes on unsaved and the page says so once', async ({ page }) => {
  await openLesson(page, SHORT_LESSON);
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 1 });
  await startPractice(page);
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('This browser does not keep the run.');
  await expect(panel).toContainText('it is full');
  await waitUntilFinished(page);
  await expect(panel).toHaveCount(1);
  await panel.getByRole('button', { name: 'Put away' }).click();
  await expect(panel).toHaveCount(0);
});
