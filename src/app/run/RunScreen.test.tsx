// @vitest-environment happy-dom
// The Run screen over recorded events: alerts in words, what is kept, a run that is only looked at, the word at its end.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MetricRow, RunEvent } from '../../protocol/events';
import { emptyLibrary, type Library } from '../../store/library';
import {
  engineStarted,
  evaluationAt,
  finishedEvent,
  modelLoaded,
  runConfig,
  runEvents,
  steppedEvent,
} from '../testing/recordedLesson';
import { type RenderedPage, renderPage } from '../testing/renderPage';

let page: RenderedPage;
beforeEach(() => {
  window.location.hash = '#/run';
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: query.includes('reduced-motion'),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});
afterEach(() => {
  page?.close();
  window.location.hash = '';
});

async function openRun(library: Library = emptyLibrary): Promise<void> {
  page = await renderPage(() => [], library);
  page.studio.startEngine('auto');
  await page.say(engineStarted, modelLoaded);
  await vi.waitFor(() => expect(document.querySelector('.run-screen')).not.toBeNull(), 30_000);
}

function stepped(step: number, metrics: MetricRow): RunEvent {
  const event = steppedEvent(step);
  if (event.type !== 'run.stepped') throw new Error('expected a step');
  return { ...event, metrics: { ...event.metrics, ...metrics } };
}

const alerts = () =>
  [...document.querySelectorAll('[data-alert]')].map((alert) => alert.querySelector('p')?.textContent?.trim());

test('without a run: what to do, and where', async () => {
  await openRun();
  expect(page.text()).toContain('No run yet.');
  expect(document.querySelector('.run-empty a')?.getAttribute('href')).toBe('#practise');
});

test('a healthy run has no alerts; what is kept is said', async () => {
  await openRun();
  await page.say(...runEvents(20), { type: 'run.checkpointed', runId: runConfig.id, step: 20, isBest: true });
  expect(alerts()).toEqual([]);
  const share = (evaluationAt(20).greedy.accuracyT2 * 100).toFixed(1);
  expect(document.querySelector('.checkpoints')?.textContent).toBe(
    `Kept last: step 20 · best: step 20, second attempt ${share}%`,
  );
  expect(document.querySelectorAll('.panels > .panel').length).toBeGreaterThanOrEqual(2);
});

test('the overview shows what a recipe reports, and eight panels at most', async () => {
  await openRun();
  const titles = () => [...document.querySelectorAll('.panels > .panel h3')].map((title) => title.textContent);
  await page.say(...runEvents(0));
  // One after the other, each in a task of its own.
  await vi.waitFor(() => expect(titles()).toHaveLength(8), 30_000);
  expect(titles()).not.toContain('Loss');
  for (let step = 1; step <= 4; step++) {
    page.port.say(stepped(step, { loss: 2 / step, 'rewards/chosen': 0.1, 'rewards/rejected': -0.1 }));
  }
  const shown = [
    'Right answers',
    'Answers that changed sides',
    'Loss',
    'Better and worse answers',
    'Behaviour collapse',
    'Speed',
  ];
  await vi.waitFor(() => expect(titles()).toEqual(shown), 30_000);
  expect(page.text()).not.toContain('Pairs in the right order');
});

test('each alert in words, with what to do; past ones stay as a line', async () => {
  await openRun();
  await page.say(...runEvents(5));
  const bad = { 'train/unchanged_rate': 0.99, frac_reward_zero_std: 1, kl: 1.5 };
  for (let step = 6; step <= 30; step++) page.port.say(stepped(step, bad));
  page.port.say(stepped(31, { ...bad, entropy: Number.NaN }));
  await page.settle();
  expect(alerts()).toEqual([
    'The model is far from the base: KL 1.50 nats per token, the limit here is 1.0 (since step 10).',
    'No learning signal in 100% of the groups: all their answers got the same reward (since step 15).',
    'Second attempts hardly differ from the first: 99% are the same, word for word (since step 25).',
    'A number is not finite: entropy at step 31.',
  ]);
  expect(page.text()).toContain('This is behaviour collapse.');
  for (let step = 32; step <= 60; step++) {
    page.port.say(stepped(step, { 'train/unchanged_rate': 0.5, frac_reward_zero_std: 0.4, kl: 0.1, entropy: 0.2 }));
  }
  await page.settle();
  expect(document.querySelectorAll('.run-alert:not(.over)')).toHaveLength(0);
  expect(page.text()).toContain('It was so from step 31 to 31.');
  page.preferences.setState({ language: 'ko' });
  await page.settle();
  expect(page.text()).toContain('스텝 31부터 31까지 그랬습니다.');
});

const other = { ...runConfig, id: 'other', seed: 99, createdAt: '2026-11-20T08:00:00.000Z' };
const stored: Library = {
  ...emptyLibrary,
  readRun: async (id) =>
    id === other.id
      ? {
          config: other,
          status: 'finished',
          step: 2,
          checkpointStep: 2,
          result: null,
          stages: [],
          evaluations: [evaluationAt(0), evaluationAt(2)],
          rows: [1, 2].map((step) => ({ step, seconds: step, tokens: step * 10, metrics: { kl: 0.1 } })),
        }
      : null,
};

test('another run is looked at beside the one that practises, without taking its place', async () => {
  await openRun(stored);
  await page.say(...runEvents(7));
  window.location.hash = '#/run/other';
  window.dispatchEvent(new HashChangeEvent('hashchange'));
  await page.settle();
  expect(page.text()).toContain('Another run is practising now; this one is only looked at.');
  expect(document.querySelector('.run-config')?.textContent).toContain('99');
  expect(page.studio.store.getState().run.run?.config.id).toBe(runConfig.id);
  window.location.hash = '#/run/nobody';
  window.dispatchEvent(new HashChangeEvent('hashchange'));
  await page.settle();
  expect(page.text()).toContain('No run of that name is kept');
});

test('with nothing practising, a named run becomes the one on screen', async () => {
  window.location.hash = '#/run/other';
  await openRun(stored);
  await page.settle();
  expect(page.studio.store.getState().run.run?.config.id).toBe('other');
  expect(document.querySelector('.run-config')?.textContent).toContain('99');
});

test('the end of a run is told to who asked for it and looks elsewhere, and to nobody else', async () => {
  const said: { title: string; body?: string }[] = [];
  class FakeNotification {
    static permission = 'granted';
    constructor(title: string, options: NotificationOptions) {
      said.push({ title, body: options.body });
    }
  }
  vi.stubGlobal('Notification', FakeNotification);
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  await openRun();
  await page.say(...runEvents(70), finishedEvent);
  expect(said).toEqual([]);
  page.preferences.setState({ notifyWhenDone: true });
  await page.settle();
  // Paused by a person: no news.
  await page.say(...runEvents(3));
  await page.click('Pause');
  await page.say({ type: 'run.paused', runId: runConfig.id, step: 3, error: null });
  expect(said).toEqual([]);
  await page.say({ type: 'run.resumed', runId: runConfig.id, step: 3 }, finishedEvent);
  expect(said).toHaveLength(1);
  expect(said[0].title).toBe('Practice has finished');
  expect(said[0].body).toMatch(/^Second attempts: 4\d\.\d% right before, 6\d\.\d% after \(1,000 test problems\)\.$/);
  visibility.mockReturnValue('visible');
  await page.say(...runEvents(3), finishedEvent);
  expect(said).toHaveLength(1);
  vi.unstubAllGlobals();
  visibility.mockRestore();
});
