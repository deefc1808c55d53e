// `npm run soak`: a long run in a real browser, its charts open, the page's memory printed every minute, and a verdict.
//   -- --minutes 30    how long to watch      -- --screen run|lesson    where to look      -- --json    last line as JSON
// The worker's memory is counted apart: the page's own must not grow with the length of the run.
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright';
import { preview } from 'vite';
import { buildSite } from './buildSite';
import { haveBrowser } from './findBrowser';
import { root } from './runTool';

const PORT = 4391;
/** Samples between two printed lines too: a slope over few minutes needs more than a few points. */
const SAMPLE_S = 15;
/** Filled once (first drawings, first samples) and not a leak. */
const WARM_UP_S = 45;
/** Growth that counts as flat, MB: what fills once (caches, compiled code), and per minute (rows of metrics, drawn points). */
const FLAT_PAGE = { once: 2, perMinute: 0.1 };
const FLAT_TOTAL = { once: 20, perMinute: 0.5 };
/** Fewer readings of the total say nothing. */
const LEAST_TOTALS = 5;

interface Sample {
  minutes: number;
  step: number;
  /** JavaScript heap of the page's main thread after a collection, MB */
  pageMB: number;
  nodes: number;
  listeners: number;
  /** page, worker and its threads as the browser counts them, MB; null where it does not */
  totalMB: number | null;
}

/** Least squares, per minute; NaN for fewer than two samples. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const n = samples.length;
  if (n < 2) return Number.NaN;
  const meanX = samples.reduce((sum, { minutes }) => sum + minutes, 0) / n;
  const meanY = samples.reduce((sum, sample) => sum + of(sample), 0) / n;
  const above = samples.reduce((sum, sample) => sum + (sample.minutes - meanX) * (of(sample) - meanY), 0);
  return above / samples.reduce((sum, { minutes }) => sum + (minutes - meanX) ** 2, 0);
}

async function measureTotal(page: Page): Promise<number | null> {
  return page.evaluate(async () => {
    const measure = Reflect.get(performance, 'measureUserAgentSpecificMemory');
    if (typeof measure !== 'function') return null;
    // The browser measures at its next collection, which may be long in coming.
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 10_000));
    const result: { bytes: number } | null = await Promise.race([measure.call(performance), late]);
    return result && result.bytes / 1e6;
  });
}

async function watch(page: Page, minutes: number, print: (sample: Sample) => void): Promise<Sample[]> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const began = performance.now();
  const samples: Sample[] = [];
  for (let i = 1; i * SAMPLE_S <= minutes * 60; i++) {
    await page.waitForTimeout(Math.max(0, began + i * SAMPLE_S * 1000 - performance.now()));
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((entry) => entry.name === name)?.value ?? Number.NaN;
    const isPrinted = (i * SAMPLE_S) % 60 === 0;
    const sample: Sample = {
      minutes: (performance.now() - began) / 60_000,
      step: Number(await page.locator('progress').first().getAttribute('value')),
      pageMB: metric('JSHeapUsedSize') / 1e6,
      nodes: metric('Nodes'),
      listeners: metric('JSEventListeners'),
      totalMB: isPrinted ? await measureTotal(page) : null,
    };
    samples.push(sample);
    if (isPrinted) print(sample);
  }
  return samples;
}

async function soak(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      screen: { type: 'string', default: 'run' },
      json: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 1 && minutes <= 24 * 60)) {
    throw new RangeError(
      `--minutes: expected 1 to 1440, got "${values.minutes}". Example: npm run soak -- --minutes 3`,
    );
  }
  if (values.screen !== 'run' && values.screen !== 'lesson') {
    throw new RangeError(`--screen: expected run or lesson, got "${values.screen}".`);
  }
  const executablePath = await haveBrowser();
  if (!executablePath) throw new Error('soak: expected a browser, found none (see above).');
  if (!(await buildSite())) throw new Error('build: expected it to succeed, it failed (see above).');
  const server = await preview({ root, logLevel: 'warn', preview: { port: PORT, host: 'localhost', open: false } });
  const address = server.resolvedUrls?.local[0] ?? `http://localhost:${PORT}/`;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    // More steps than there is time for; measured often, so that everything that grows does.
    await page.goto(`${address}?seed=1&steps=1000000&every=10&problems=100&test=0`);
    await page.getByRole('button', { name: /^Practise for/ }).click({ timeout: 120_000 });
    if (values.screen === 'run') await page.getByRole('link', { name: 'Run', exact: true }).click();
    await page.locator('progress[value="2"]').first().waitFor({ timeout: 180_000 });
    console.log('minute   step   page heap   DOM nodes   listeners   page and worker');
    const samples = await watch(page, minutes, (sample) => {
      const { step, pageMB, nodes, listeners, totalMB } = sample;
      const total = totalMB === null ? '–' : `${totalMB.toFixed(1)} MB`;
      console.log(
        `${sample.minutes.toFixed(0).padStart(6)}${String(step).padStart(7)}${`${pageMB.toFixed(2)} MB`.padStart(12)}` +
          `${String(nodes).padStart(12)}${String(listeners).padStart(12)}${total.padStart(18)}`,
      );
    });
    conclude(samples, minutes, values.json);
  } finally {
    await browser.close();
    await server.close();
  }
}

function conclude(samples: Sample[], minutes: number, json: boolean): void {
  const warm = samples.filter((sample) => sample.minutes * 60 > WARM_UP_S);
  const pageSlope = slope(warm, ({ pageMB }) => pageMB);
  const counted = warm.filter(({ totalMB }) => totalMB !== null);
  const totalSlope = slope(counted, ({ totalMB }) => totalMB ?? Number.NaN);
  const nodeSlope = slope(warm, ({ nodes }) => nodes);
  const limitOf = ({ once, perMinute }: typeof FLAT_PAGE) => perMinute + once / minutes;
  const isTotalFlat = counted.length < LEAST_TOTALS || totalSlope <= limitOf(FLAT_TOTAL);
  const flat = pageSlope <= limitOf(FLAT_PAGE) && isTotalFlat;
  const steps = samples.at(-1)?.step ?? 0;
  console.log(
    `Memory of the page is ${flat ? 'flat' : 'NOT flat'} over ${steps} steps: ${pageSlope.toFixed(3)} MB per minute (limit ${limitOf(FLAT_PAGE).toFixed(3)}), ` +
      `${nodeSlope.toFixed(1)} DOM nodes per minute, page and worker ${totalSlope.toFixed(2)} MB per minute from ${counted.length} readings.`,
  );
  if (!flat) process.exitCode = 1;
  const orNull = (value: number) => (Number.isFinite(value) ? value : null);
  if (json) {
    const slopes = { page: orNull(pageSlope), total: orNull(totalSlope), nodes: orNull(nodeSlope) };
    console.log(JSON.stringify({ event: 'soak.finished', flat, steps, perMinute: slopes, samples }));
  }
}

soak().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
