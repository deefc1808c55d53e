// The story the page is for: it fails, it practises, it got better on problems nobody has seen, and every point can be opened.
import { expect, test } from '@playwright/test';
import { fact, openLesson, readStore, startPractice, waitUntilFinished, watchLongTasks } from './lessonPage';

interface Finished {
  status: string;
  finished: {
    before: { greedy: { n: number; accuracyT1: number; accuracyT2: number } };
    after: { greedy: { n: number; accuracyT1: number; accuracyT2: number } };
    comparison: { n: number; gained: number; lost: number; gain: number; pValue: number };
  } | null;
}

const STEPS = '40';
const TEST_PROBLEMS = '500';

// Recording a trace would itself keep the main thread busy.
test.use({ trace: 'off' });

test('watch it fail, let it practise, see what changed, open a point', async ({ page }) => {
  test.setTimeout(900_000);
  const longTasks = await watchLongTasks(page);
  await openLesson(page, { seed: '1', steps: STEPS, every: '10', problems: '100', test: TEST_PROBLEMS });

  // Watch it fail: five problems, counted.
  await page.getByRole('button', { name: 'Let it try' }).click();
  await page.getByRole('button', { name: 'Try five more' }).click();
  await expect(page.getByText(/^Of 6 problems: first attempt right in \d, second attempt right in \d\.$/)).toBeVisible({
    timeout: 60_000,
  });

  // Let it practise.
  const begun = await longTasks.now();
  await startPractice(page);
  await expect(fact(page, 'Time left')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('A sample it learns from')).toBeVisible();
  await waitUntilFinished(page, 800_000);
  const tasks = await longTasks.since(begun);
  const longest = Math.max(0, ...tasks);
  console.log(`Longest main-thread task while practising: ${longest.toFixed(0)} ms; over 50 ms: ${tasks.length}.`);

  // See what changed: the same test problems before and after, with the exact test.
  const [run] = await readStore<Finished>(page, 'runs');
  expect(run.status).toBe('finished');
  if (!run.finished) throw new Error('storage: expected the finished run with its comparison, it was not kept.');
  const { before, after, comparison } = run.finished;
  console.log(
    `Second attempts: ${JSON.stringify({ before: before.greedy, after: after.greedy, comparison }, null, 1)}`,
  );
  expect(comparison.n).toBe(Number(TEST_PROBLEMS));
  expect(comparison.gain).toBeGreaterThan(0);
  expect(comparison.pValue).toBeLessThan(0.01);
  const changed = page.getByRole('region', { name: 'See what changed' });
  await expect(changed).toContainText(
    `${comparison.gained} that were wrong at the second attempt became right, ${comparison.lost} that were right became wrong`,
  );

  // A point opens its samples, a sample its tokens.
  await page.getByRole('button', { name: `Step ${STEPS}:` }).click();
  const samples = page.getByRole('dialog');
  await expect(samples.getByRole('heading', { level: 2 })).toHaveText(`Samples of step ${STEPS}`);
  await samples.getByText('Practised on', { exact: true }).click();
  await expect(samples.getByText(/^advantage/).first()).toBeVisible();
  await samples
    .getByRole('button', { name: /^Tokens/ })
    .first()
    .click();
  await samples.getByText('Tokens as a table').first().click();
  const tokens = samples.getByRole('table').first();
  await expect(tokens).toContainText('log p, base');
  await expect(tokens).toContainText(/[−-]\d+\.\d+/);
  await page.keyboard.press('Escape');
  await expect(samples).toHaveCount(0);
});

test('minutes become a number of steps when the lesson starts; it can be stopped and asked', async ({ page }) => {
  test.setTimeout(300_000);
  await openLesson(page, { seed: '2', minutes: '1', problems: '20', test: '20', 'set.problems': '8' });
  await page.getByRole('button', { name: 'Practise for 1 minutes' }).click();
  await expect(fact(page, 'Step')).toHaveText(/^[1-9]\d* of [1-9]\d*$/, { timeout: 120_000 });
  await page.getByRole('button', { name: 'Stop and keep' }).click();
  await expect(fact(page, 'State')).toHaveText('stopped, kept', { timeout: 60_000 });
  const [run] = await readStore<{ config: { minutes: number; totalSteps: number }; step: number }>(page, 'runs');
  expect(run.config.minutes).toBe(1);
  expect(run.config.totalSteps).toBeGreaterThan(run.step);
  // What was learned answers, under its own name.
  await page.getByText('After practice', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Let it try' }).click();
  await expect(page.getByRole('button', { name: 'Try five more' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
