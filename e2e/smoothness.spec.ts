// How much of the main thread the page takes while a model trains, on the lesson and on the Run screen. Printed; the only
// limit that is asserted (no task over 50 ms) stands in lesson.spec.ts, for a machine that does nothing else.
import { type Browser, expect, type Page, test } from '@playwright/test';
import { fact, openLesson, startPractice } from './lessonPage';
import { type MainThread, watchMainThread } from './mainThread';

const WATCHED_MS = 10_000;
/** The other screens only have to stay out of the way. */
const VISITED_MS = 5_000;

test.use({ trace: 'off' });

/** A run that is longer than it is watched; quick steps, measured often, so that the charts have something to do. */
async function startLongRun(page: Page): Promise<void> {
  await openLesson(page, { seed: '1', steps: '100000', every: '4', problems: '50', test: '0', 'set.problems': '8' });
  await startPractice(page);
  await expect(fact(page, 'Time left')).toBeVisible({ timeout: 60_000 });
}

async function report(browser: Browser, page: Page, where: string, ms = WATCHED_MS): Promise<MainThread> {
  const watched = await watchMainThread(browser, page, () => page.waitForTimeout(ms));
  const { seconds, scriptPerSecond, scriptPerSecondOnClock, longestTask, longestTaskOnClock } = watched;
  console.log(
    `${where}, ${seconds.toFixed(0)} s of training: script ${scriptPerSecond.toFixed(1)} ms per second (${scriptPerSecondOnClock.toFixed(1)} by the clock); ` +
      `longest task ${longestTask.toFixed(0)} ms (${longestTaskOnClock.toFixed(0)} by the clock).`,
  );
  expect(scriptPerSecond).toBeGreaterThan(0);
  return watched;
}

test('script and tasks of the main thread while training: lesson, run screen with its charts, every other screen', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const opened = performance.now();
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeEnabled();
  console.log(`Interactive, cold: ${((performance.now() - opened) / 1000).toFixed(2)} s until the model can be asked.`);
  await startLongRun(page);
  await page.locator('#practise').scrollIntoViewIfNeeded();
  await report(browser, page, 'Lesson');
  const stepOf = async () => Number(await page.locator('progress').first().getAttribute('value'));
  const before = await stepOf();
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await expect(page.locator('.panels .metric-line').first()).toBeAttached();
  // The charts are drawn one after the other, once: what is watched is what they cost from then on.
  await page.waitForTimeout(2000);
  const run = await report(browser, page, 'Run screen');
  expect(run.longestTask).toBeGreaterThan(0);
  // It did train, and the page did follow.
  expect(await stepOf()).toBeGreaterThan(before);
  const screens = page.getByRole('navigation', { name: 'Screens' });
  for (const screen of await screens.getByRole('link').allInnerTexts()) {
    if (screen === 'Lesson' || screen === 'Run') continue;
    await screens.getByRole('link', { name: screen, exact: true }).click();
    await expect(page.getByText('Opening.')).toHaveCount(0);
    await report(browser, page, screen, VISITED_MS);
  }
  await screens.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Stop and keep' }).click();
  await expect(fact(page, 'State')).toHaveText('stopped, kept', { timeout: 60_000 });
  await page.close();
});
