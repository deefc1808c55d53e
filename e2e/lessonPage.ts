// What the specs share: opening the lesson, practising, reading what the page keeps, and listening for complaints.
import { expect, type Page } from '@playwright/test';

/** A lesson of a few small steps: the address may ask for it (src/store/options.ts). */
export const SHORT_LESSON = {
  seed: '1',
  steps: '3',
  every: '1',
  problems: '20',
  test: '40',
  'set.problems': '8',
};

function addressOf(options: Record<string, string>): string {
  return `/?${new URLSearchParams(options)}`;
}

/** Opens the page and waits until the model can be asked. */
export async function openLesson(page: Page, options: Record<string, string> = {}): Promise<void> {
  await page.goto(addressOf(options));
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeEnabled();
}

/** Presses the one button. */
export async function startPractice(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Practise for/ }).click();
}

/** The value beside a label of the run's facts, e.g. "State". */
export function fact(page: Page, label: string) {
  return page.locator('dl.facts div', { has: page.getByText(label, { exact: true }) }).locator('dd');
}

/** Waits for the end of a run that goes or is about to go on; a run that stands still instead fails at once, with its words. */
export async function waitUntilFinished(page: Page, timeout = 120_000): Promise<void> {
  const state = fact(page, 'State');
  await expect(state).toHaveText(/practising|finished/);
  await expect(state).not.toHaveText('practising', { timeout });
  const words = await page.getByRole('alert').allInnerTexts();
  expect(await state.innerText(), words.join(' ')).toBe('finished');
}

/** Collects errors and warnings of the page and its workers. */
export function listenForComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return complaints;
}

/** Collects main-thread tasks over 50 ms, from the page's first script on. Call before the page is opened. */
export async function watchLongTasks(
  page: Page,
): Promise<{ since(mark: number): Promise<number[]>; now(): Promise<number> }> {
  await page.addInitScript(() => {
    const tasks: { start: number; duration: number }[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, duration });
    }).observe({ type: 'longtask', buffered: true });
  });
  return {
    now: () => page.evaluate(() => performance.now()),
    since: (mark) =>
      page.evaluate(
        (from) =>
          (window as unknown as { longTasks: { start: number; duration: number }[] }).longTasks
            .filter(({ start }) => start >= from)
            .map(({ duration }) => duration),
        mark,
      ),
  };
}

export type StoreName = 'runs' | 'metrics' | 'evaluations' | 'traces' | 'checkpoints';

/** All rows of one store of the page's database, in the order of their keys. */
export function readStore<T>(page: Page, store: StoreName): Promise<T[]> {
  return page.evaluate(
    (name) =>
      new Promise<never[]>((resolve, reject) => {
        const opening = indexedDB.open('second-thought');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const db = opening.result;
          const all = db.transaction(name).objectStore(name).getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            db.close();
            resolve(all.result as never[]);
          };
        };
      }),
    store,
  ) as Promise<T[]>;
}
