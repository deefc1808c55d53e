// The graphics card's path, on SwiftShader (a CPU that plays a GPU): the same lesson gives the same numbers as on `simd`, and neither
// a pause nor a device that is lost in the middle changes them.
import { type Browser, expect, type Page, test } from '@playwright/test';
import { fact, openLesson, readStore, startPractice, waitUntilFinished } from './lessonPage';

/** Tiny, because SwiftShader is slow: the arithmetic is the same. */
const STEPS = 5;
const lesson = {
  seed: '3',
  steps: `${STEPS}`,
  every: `${STEPS}`,
  problems: '8',
  test: '8',
  'set.problems': '4',
  'set.seconds': '2',
};

interface MetricsRow {
  step: number;
  metrics: Record<string, number | null>;
}

/** The lesson on `simd`, without a break. */
async function learnOnSimd(browser: Browser): Promise<MetricsRow[]> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await openLesson(page, { ...lesson, backend: 'simd' });
    await expect(page.getByRole('banner')).toContainText('Processor');
    await startPractice(page);
    await waitUntilFinished(page, 300_000);
    return await readStore<MetricsRow>(page, 'metrics');
  } finally {
    await context.close();
  }
}

/** What depends on the clock or on the backend's own rounding record, not on what was learned. */
const OWN_BUSINESS = ['step_time', 'sampling/sampling_logp_difference/max'];

/** Every number of every step, relative to the larger of it and 1. @returns how many were compared, and the largest difference */
function compare(onSimd: MetricsRow[], onWebgpu: MetricsRow[]) {
  let [compared, largest] = [0, 0];
  onSimd.forEach(({ step, metrics }, i) => {
    for (const [name, value] of Object.entries(metrics)) {
      if (OWN_BUSINESS.includes(name)) continue;
      const other = onWebgpu[i].metrics[name];
      if (value === null || other === null) {
        expect(other, `${name} at step ${step}`).toBe(value);
        continue;
      }
      const difference = Math.abs(other - value) / Math.max(1, Math.abs(value));
      largest = Math.max(largest, difference);
      compared++;
      expect(difference, `${name} at step ${step}: simd ${value}, webgpu ${other}`).toBeLessThanOrEqual(1e-3);
    }
  });
  return { compared, largest };
}

/** Destroys the GPU device the way a driver reset does. */
async function loseDevice(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { studioWorkers } = window as unknown as { studioWorkers: Worker[] };
    studioWorkers[studioWorkers.length - 1].postMessage({ type: 'engine.loseDevice' });
  });
}

test('paused, resumed, its device lost and resumed again, a run on webgpu learns what simd learns', async ({
  browser,
  page,
}) => {
  test.setTimeout(600_000);
  const onSimd = await learnOnSimd(browser);
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    const RealWorker = Worker;
    Object.assign(window, {
      studioWorkers: workers,
      Worker: class extends RealWorker {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          workers.push(this);
        }
      },
    });
  });
  await openLesson(page, { ...lesson, backend: 'webgpu' });
  await expect(page.getByRole('banner')).toContainText('Graphics card');
  await startPractice(page);
  const patience = { timeout: 240_000 };
  await expect(fact(page, 'Step')).toHaveText(/^[1-3] of 5$/, patience);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(fact(page, 'State')).toHaveText('paused', patience);
  const paused = Number.parseInt(await fact(page, 'Step').innerText(), 10);
  expect(paused).toBeLessThan(STEPS - 1);
  await page.locator('.run-controls').getByRole('button', { name: 'Resume' }).click();
  await expect(fact(page, 'Step')).toHaveText(`${paused + 1} of 5`, patience);
  await loseDevice(page);
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('The graphics card went away. The run is paused at its last checkpoint.');
  await expect(fact(page, 'State')).toHaveText('paused');
  await panel.getByRole('button', { name: 'Resume' }).click();
  await waitUntilFinished(page, 300_000);
  await expect(page.getByRole('alert')).toHaveCount(0);
  const onWebgpu = await readStore<MetricsRow>(page, 'metrics');
  expect(onWebgpu.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  const { compared, largest } = compare(onSimd, onWebgpu);
  console.log(`webgpu against simd: ${compared} numbers, largest difference ${largest.toExponential(1)}.`);
  expect(compared).toBeGreaterThan(30);
});
