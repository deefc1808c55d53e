// The graphics card's path, on SwiftShader (a CPU that plays a GPU): the same lesson gives the same numbers as on `simd`,
// and a device that is lost in the middle costs nothing but a click.
import { type Browser, expect, type Page, test } from '@playwright/test';
import { fact, openLesson, readStore, startPractice, waitUntilFinished } from './lessonPage';

/** Tiny, because SwiftShader is slow: the arithmetic is the same. */
const lesson = {
  seed: '3',
  steps: '3',
  every: '3',
  problems: '8',
  test: '8',
  'set.problems': '4',
  'set.seconds': '2',
};

interface MetricsRow {
  step: number;
  metrics: Record<string, number | null>;
}

async function learn(browser: Browser, backend: 'simd' | 'webgpu'): Promise<MetricsRow[]> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await openLesson(page, { ...lesson, backend });
    const pill = backend === 'webgpu' ? 'Graphics card' : 'Processor';
    await expect(page.getByRole('banner')).toContainText(pill);
    await startPractice(page);
    await waitUntilFinished(page, 300_000);
    return await readStore<MetricsRow>(page, 'metrics');
  } finally {
    await context.close();
  }
}

/** What depends on the clock or on the backend's own rounding record, not on what was learned. */
const OWN_BUSINESS = ['step_time', 'sampling/sampling_logp_difference/max'];

test('three steps on webgpu equal three steps on simd within 1e-3', async ({ browser }) => {
  test.setTimeout(600_000);
  const onSimd = await learn(browser, 'simd');
  const onWebgpu = await learn(browser, 'webgpu');
  expect(onWebgpu.map(({ step }) => step)).toEqual([1, 2, 3]);
  let compared = 0;
  let largest = 0;
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
  console.log(`webgpu against simd: ${compared} numbers, largest difference ${largest.toExponential(1)}.`);
  expect(compared).toBeGreaterThan(30);
});

/** Destroys the GPU device the way a driver reset does. */
async function loseDevice(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { studioWorkers } = window as unknown as { studioWorkers: Worker[] };
    studioWorkers[studioWorkers.length - 1].postMessage({ type: 'engine.loseDevice' });
  });
}

test('a lost device pauses the run, the device comes back, and the run resumes', async ({ page }) => {
  test.setTimeout(600_000);
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
  await openLesson(page, { ...lesson, steps: '4', every: '4', backend: 'webgpu' });
  await startPractice(page);
  await expect(fact(page, 'Step')).toHaveText(/^[1-3] of 4$/, { timeout: 240_000 });
  await loseDevice(page);
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('The graphics card went away. The run is paused at its last checkpoint.');
  await expect(fact(page, 'State')).toHaveText('paused');
  await panel.getByRole('button', { name: 'Resume' }).click();
  await waitUntilFinished(page, 300_000);
  await expect(page.getByRole('alert')).toHaveCount(0);
  const rows = await readStore<MetricsRow>(page, 'metrics');
  expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
});
