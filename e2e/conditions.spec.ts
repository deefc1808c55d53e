// Where something is missing or goes to sleep, the page says it in a sentence and does what can be done: storage blocked, no WebGPU,
// no shared memory, no SIMD, a tab closed in the middle, a tab that was frozen.
import { type Browser, expect, type Page, test } from '@playwright/test';
import { fact, openLesson, readStore, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

/** Takes something away from the page and from its worker, before their own code runs. */
async function takeAway(page: Page, script: string): Promise<void> {
  await page.addInitScript({ content: script });
  await page.route(/\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

test('storage blocked (as in a private window): the run goes on unsaved, and the page says so', async ({ page }) => {
  await takeAway(
    page,
    'indexedDB.constructor.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };',
  );
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('This browser does not keep the run.');
  await expect(panel).toContainText('Allow site data for this page, or leave private browsing.');
  await waitUntilFinished(page);
  await expect(page.getByRole('region', { name: 'See what changed' })).toContainText('Of 40 problems');
});

test('no WebGPU and no shared memory: the processor works on one thread, and the page says why', async ({ page }) => {
  await takeAway(page, 'Object.defineProperty(navigator, "gpu", { value: undefined });');
  await page.route('**/*', async (route) => {
    if (/\/worker-[^/]*\.js$/.test(route.request().url())) return route.fallback();
    const response = await route.fetch();
    const { 'cross-origin-opener-policy': _, 'cross-origin-embedder-policy': __, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await openLesson(page, { seed: '1' });
  await page.evaluate(() => {
    location.hash = '#/settings';
  });
  const engine = page.locator('main');
  await expect(engine).toContainText('This browser offers no WebGPU, so the processor does the work.');
  await expect(engine).toContainText('One thread only: the page is not cross-origin isolated');
});

test('no SIMD in WebAssembly: one sentence on what is needed', async ({ page }) => {
  await takeAway(page, 'WebAssembly.validate = () => false;');
  await page.goto('/?seed=1&backend=simd');
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('The engine could not be started.');
  await expect(panel).toContainText('Use a current browser.');
});

test('a tab closed in the middle of practice: the next visit says so and goes on from the checkpoint', async ({
  context,
}) => {
  const lesson = { ...SHORT_LESSON, steps: '30', every: '10' };
  const first = await context.newPage();
  await openLesson(first, lesson);
  await startPractice(first);
  await expect(fact(first, 'Step')).toHaveText(/^([2-9]|[12]\d) of 30$/);
  await first.close({ runBeforeUnload: false });
  const page = await context.newPage();
  await openLesson(page, lesson);
  const sentence = page.getByText(
    /This run was cut off in the middle: .* Resume goes on from step \d+, its last checkpoint\./,
  );
  await expect(sentence).toBeVisible();
  await page.locator('.run-controls').getByRole('button', { name: 'Resume' }).click();
  await waitUntilFinished(page);
  await expect(sentence).toHaveCount(0);
  const rows = await readStore<{ step: number }>(page, 'metrics');
  expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
});

test('a frozen tab goes on when it wakes, every step once', async ({ page }) => {
  await openLesson(page, { ...SHORT_LESSON, steps: '30', every: '30' });
  await startPractice(page);
  await expect(fact(page, 'Step')).toHaveText(/^([2-9]|[12]\d) of 30$/);
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await waitUntilFinished(page);
  const rows = await readStore<{ step: number }>(page, 'metrics');
  expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
});

/** Stops the processes of all pages for a while, as a closed lid does. */
async function sleep(browser: Browser, milliseconds: number): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  expect(pages.length).toBeGreaterThan(0);
  for (const id of pages) process.kill(id, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  for (const id of pages) process.kill(id, 'SIGCONT');
  await session.detach();
}

test('a computer that slept: the run goes on, the sleep is said and not counted', async ({ page, browser }) => {
  test.skip(process.platform === 'win32', 'processes cannot be stopped and continued there');
  await openLesson(page, { ...SHORT_LESSON, steps: '30', every: '30' });
  await startPractice(page);
  await expect(fact(page, 'Step')).toHaveText(/^([3-9]|[12]\d) of 30$/);
  const seconds = 15;
  await sleep(browser, 1000 * seconds);
  await expect(page.getByText(/The computer slept for .* That time is not counted as practice\./)).toBeVisible();
  await waitUntilFinished(page);
  const rows = await readStore<{ step: number; secondsElapsed: number }>(page, 'metrics');
  expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  const gaps = rows.slice(1).map(({ secondsElapsed }, i) => secondsElapsed - rows[i].secondsElapsed);
  expect(Math.max(...gaps)).toBeLessThan(seconds);
});
