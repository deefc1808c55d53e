// @vitest-environment happy-dom
// The page over recorded events: what a person sees and can do in each state.
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { connectStudio } from '../store/connection';
import type { Library } from '../store/library';
import { emptyLibrary } from '../store/library';
import { readOptions } from '../store/options';
import { subscribeInPulses } from './studioContext';
import {
  engineStarted,
  finishedEvent,
  modelLoaded,
  problem,
  recipesListed,
  rightAttempt,
  runConfig,
  runEvents,
  slippedAttempt,
  steppedEvent,
  traceChunk,
} from './testing/recordedLesson';
import { type RenderedPage, renderPage } from './testing/renderPage';
import { scriptedPort } from './testing/scriptedPort';

let page: RenderedPage;
afterEach(() => page?.close());
beforeAll(() => {
  // Everything at once instead of at reading pace.
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: query.includes('reduced-motion'),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

const drawn = { type: 'problem.drawn' as const, requestId: 1, numbers: problem };
const input = (i: number) => document.querySelectorAll<HTMLInputElement>('.problem input')[i];

test('before the model has loaded the page stands: dial, headings, and what is awaited', async () => {
  page = await renderPage();
  page.studio.startEngine('auto');
  await page.say(engineStarted, { type: 'model.progressed', loadedBytes: 5e5, totalBytes: 1e6 });
  expect(document.querySelector('svg.dial')).not.toBeNull();
  expect(page.text()).toContain('The model is loading.');
  expect([...document.querySelectorAll('h2')].map((heading) => heading.textContent)).toEqual(
    expect.arrayContaining(['1Watch it fail', '2Let it practise', '3See what changed']),
  );
  expect(page.button('Let it try').disabled).toBe(true);
  expect(page.button('The model is not ready yet').disabled).toBe(true);
});

async function openLesson(library: Library = emptyLibrary): Promise<void> {
  page = await renderPage(() => [], library);
  page.studio.startEngine('auto');
  await page.say(recipesListed, engineStarted, modelLoaded, drawn);
}

test('watch it fail: both attempts, the wrong hop with its right value, the verdict, the tally later', async () => {
  await openLesson();
  expect(input(0).value).toBe('7');
  expect(page.text()).toContain('5 of the 32 choices of + and − land on 0.');
  await page.click('Let it try');
  expect(page.port.posted.at(-1)).toMatchObject({ type: 'attempt.start', numbers: problem, runId: null });
  await page.say({
    type: 'attempt.finished',
    requestId: 2,
    attempts: [rightAttempt, slippedAttempt],
    tokensPerSecond: 3412,
  });
  expect(document.querySelector('.verdict')?.textContent).toContain('corrected itself into an error');
  expect(document.querySelector('.slip-text')?.textContent).toBe('9');
  expect(document.querySelector('.right-value')?.textContent).toContain('should be 8');
  expect(document.querySelector('svg.dial')?.getAttribute('aria-label')).toContain('The second attempt lands on 1.');
  expect(document.querySelectorAll('.landing.right, .landing.wrong')).toHaveLength(2);
  expect(document.querySelector('.tally')).toBeNull();
});

test('a number out of range is said, not sent', async () => {
  await openLesson();
  page.studio.asking.edit([12, 3, 11, 5, 2, 8]);
  await page.settle();
  expect(page.text()).toContain('Each number must be a whole number from 1 to 11.');
  expect(input(0).getAttribute('aria-invalid')).toBe('true');
  expect(page.button('Let it try').disabled).toBe(true);
  page.studio.asking.edit([1, 2, 2, 2, 2, 2]);
  await page.settle();
  expect(page.text()).toContain('No choice of + and − lands on 0 here.');
});

test('practising: start, progress, pause, step, resume, stop', async () => {
  await openLesson();
  await page.click('Practise for 5 minutes');
  expect(page.port.posted.at(-1)).toMatchObject({ type: 'run.start', recipe: 'score', minutes: 5 });
  await page.say(...runEvents(43));
  expect(page.text()).toContain('43 of 70');
  expect(page.text()).toContain('1 min\u00a043 sec');
  expect(page.text()).toContain('Stage number 2. Then: improve both.');
  await page.click('Pause');
  expect(page.port.posted.at(-1)).toEqual({ type: 'run.pause' });
  await page.say({ type: 'run.paused', runId: runConfig.id, step: 43, error: null });
  await page.click('One step');
  expect(page.port.posted.at(-1)).toEqual({ type: 'run.step' });
  await page.say(steppedEvent(44), { type: 'run.paused', runId: runConfig.id, step: 44, error: null });
  await page.click('Resume');
  expect(page.port.posted.at(-1)).toEqual({ type: 'run.resume' });
  await page.say({ type: 'run.resumed', runId: runConfig.id, step: 44 });
  await page.click('Stop and keep');
  expect(page.port.posted.at(-1)).toEqual({ type: 'run.stop' });
});

test('the live sample shows every scored term as a signed bar', async () => {
  await openLesson();
  await page.say(...runEvents(41));
  const sample = document.querySelector('.live-sample');
  // step 41: right → wrong
  expect(sample?.textContent).toContain('flip bonus');
  expect(sample?.textContent).toContain('−10.00');
  expect(sample?.querySelectorAll('.bar i.down').length).toBeGreaterThan(0);
  expect(sample?.textContent).toContain('not scored');
});

test('see what changed: one sentence with interval and test, both matrices, the cost', async () => {
  await openLesson();
  await page.say(...runEvents(70), finishedEvent);
  expect(document.querySelector('.finding')?.textContent).toBe(
    'Of 1,000 problems, 262 that were wrong at the second attempt became right, 51 that were right became wrong. ' +
      'Gain +21.1 points (95%: +17.9 to +24.3; exact McNemar p < 0.001).',
  );
  expect(document.querySelectorAll('.flip-matrix')).toHaveLength(2);
  expect(page.text()).toContain('−12.4 points before');
});

/** The element that the keyboard is on, as a screen reader would name it. */
const focused = () => document.activeElement?.getAttribute('aria-label');

test('a point of the chart is a link to its samples, by mouse and by keyboard', async () => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 720, 300));
  await openLesson();
  await page.say(...runEvents(40));
  await vi.waitFor(() => expect(document.querySelectorAll('.point-columns rect')).toHaveLength(9), 30_000);
  const columns = [...document.querySelectorAll<SVGRectElement>('.point-columns rect')];
  expect(columns.filter((column) => column.getAttribute('tabindex') === '0')).toHaveLength(1);
  columns[8].focus();
  await page.settle();
  expect(focused()).toMatch(/^Step 40: first attempt 5\d\.\d%, second attempt 6\d\.\d%\. Open the samples\.$/);
  const press = (key: string) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  press('ArrowLeft');
  await page.settle();
  expect(focused()).toContain('Step 35:');
  expect(document.querySelector('.readout-where')?.textContent).toContain('step 35');
  press('Home');
  await page.settle();
  expect(focused()).toContain('Step 0:');
  press('Enter');
  expect(page.studio.store.getState().samples).toMatchObject({ runId: runConfig.id, step: 0 });
  columns[2].dispatchEvent(new MouseEvent('click', { bubbles: true }));
  expect(page.studio.store.getState().samples?.step).toBe(10);
  expect(page.text()).toMatch(/second 6\d\.\d%/);
  vi.restoreAllMocks();
});

test('the chart as a table: the same evaluations with their intervals', async () => {
  await openLesson();
  await page.say(...runEvents(10));
  await vi.waitFor(() => expect(page.text()).toContain('Right answers'), 30_000);
  const table = [...document.querySelectorAll('.charts label')].find((label) => label.textContent === 'Table');
  table?.querySelector('input')?.click();
  await page.settle();
  const rows = [...document.querySelectorAll('.charts tbody tr')].map((row) => row.textContent);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/^057\.1% 53–61%44\.7% 40–49%−12\.4 −16\.\d to −8\.\d5\.7%18\.1%500Open/);
});

test('the samples of a step: filtered by flip, one opened to its tokens', async () => {
  await openLesson({
    ...emptyLibrary,
    readEvaluations: async () => [],
    readTraces: async (_run, step) => [traceChunk(step), traceChunk(step, 'eval_greedy')],
  });
  await page.say(...runEvents(40));
  await page.click('All samples of this step');
  await vi.waitFor(() => expect(document.querySelectorAll('.sample-list > li')).toHaveLength(20), 30_000);
  const drawer = document.querySelector('dialog');
  expect(drawer?.textContent).toContain('Samples of step 40');
  expect(drawer?.textContent).toContain('wrong → right 16');
  expect(drawer?.querySelectorAll('.sample-list > li')).toHaveLength(20);
  expect(drawer?.textContent).toContain('Page 1 of 4');
  const filter = [...(drawer?.querySelectorAll('label') ?? [])].find((label) =>
    label.textContent?.startsWith('right → wrong'),
  );
  filter?.querySelector('input')?.click();
  await page.settle();
  expect(drawer?.querySelectorAll('.sample-list > li.c_to_i')).toHaveLength(16);
  expect(drawer?.querySelectorAll('.sample-list > li')).toHaveLength(16);
  drawer?.querySelector<HTMLButtonElement>('.sample-head button')?.click();
  await page.settle();
  expect(drawer?.querySelectorAll('.token-strip')).toHaveLength(2);
  expect(drawer?.querySelector('tbody tr')?.children).toHaveLength(5);
});

test('a broken model file: one sentence, the exact words, and the way back', async () => {
  page = await renderPage();
  page.studio.startEngine('auto');
  await page.say(engineStarted);
  page.studio.loadModel({ kind: 'files', files: [] });
  const message = 'model.safetensors: expected 1200 bytes, got 40. The file is cut off; choose another.';
  await page.say({ type: 'model.failed', error: { kind: 'model', message } });
  const alert = document.querySelector('[role="alert"]');
  expect(alert?.textContent).toContain('These files are not a model that can be used.');
  expect(alert?.textContent).toContain(message);
  await page.click('Back to the bundled model');
  expect(page.port.posted.at(-1)).toEqual({ type: 'model.load', source: { kind: 'bundled' } });
});

test('a killed worker: one sentence and a restart', async () => {
  await openLesson();
  await page.say(...runEvents(12), { type: 'worker.failed', error: { kind: 'internal', message: 'worker: gone' } });
  expect(document.querySelector('[role="alert"]')?.textContent).toContain('has stopped');
  await page.click('Start it again');
  expect(page.port.restarts).toBe(1);
  expect(document.querySelector('[role="alert"]')).toBeNull();
});

test('a run that paused itself says why; storage that refuses is said once and can be put away', async () => {
  await openLesson();
  const error = { kind: 'numerics' as const, message: 'log-probs: expected a difference below 1e-5, got 2e-4.' };
  await page.say(...runEvents(5), { type: 'run.paused', runId: runConfig.id, step: 5, error });
  expect(page.text()).toContain('The run paused itself');
  expect(page.text()).toContain(error.message);
  await page.say({ type: 'storage.failed', error: { kind: 'storage', message: 'storage: full' } });
  await page.click('Put away');
  expect(page.text()).not.toContain('storage: full');
});

test('Korean throughout: no English sentence is left', async () => {
  await openLesson({
    ...emptyLibrary,
    listRuns: async () => [{ config: runConfig, status: 'finished', step: 70, checkpointStep: 70, result: null }],
  });
  page.preferences.setState({ language: 'ko' });
  await page.say(...runEvents(70), finishedEvent);
  expect(document.documentElement.lang).toBe('ko');
  const foreign = [
    ...document.querySelectorAll('#main p, #main h2, #main h3, #main button, #main dt, #main th, #main label'),
  ]
    .filter((element) => !element.closest('[lang="en"], [lang="zxx"]') && !element.querySelector('[lang]'))
    .map((element) => element.textContent ?? '')
    .filter((text) =>
      /[A-Za-z]{4,}/.test(
        text.replace(/Second Thought|SCoRe|McNemar|Hugging Face|Llama|GGUF|[\w.]+\.(json|safetensors)/g, ''),
      ),
    );
  expect(foreign).toEqual([]);
});

test('every control has a name, every input too', async () => {
  await openLesson();
  await page.say(...runEvents(70), finishedEvent);
  const nameless = [...document.querySelectorAll('button, a, select, input, summary, progress')].filter((element) => {
    const byLabel = element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? '';
    return `${byLabel}${element.textContent}`.trim() === '';
  });
  expect(nameless.map((element) => element.outerHTML)).toEqual([]);
});

test('theme follows the choice', async () => {
  await openLesson();
  page.preferences.setState({ theme: 'dark' });
  await page.settle();
  expect(document.documentElement.dataset.theme).toBe('dark');
  page.preferences.setState({ theme: 'system' });
  await page.settle();
  expect(document.documentElement.dataset.theme).toBeUndefined();
});

test('a storm of events wakes components at most once a pulse, and never loses the last', () => {
  vi.useFakeTimers();
  try {
    const port = scriptedPort();
    const { store } = connectStudio(port, emptyLibrary, readOptions(''));
    let calls = 0;
    let seen = 0;
    subscribeInPulses(
      store,
      200,
    )(() => {
      calls++;
      seen = store.getState().run.run?.step ?? 0;
    });
    vi.advanceTimersByTime(1000);
    port.say(...runEvents(60));
    vi.advanceTimersByTime(1000);
    expect(calls).toBeLessThanOrEqual(2);
    expect(seen).toBe(60);
  } finally {
    vi.useRealTimers();
  }
});
