// Traces: a run's samples filtered to its flips, one opened, shared as a link, taken home; and a list of 100,000 of them.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { expectAxeClean } from './axeClean';
import {
  listenForComplaints,
  openLesson,
  readStore,
  SHORT_LESSON,
  startPractice,
  waitUntilFinished,
  watchLongTasks,
} from './lessonPage';

interface StoredChunk {
  chunk: { kind: string; step: number; episodes: number; correct: Uint8Array };
}

const count = (page: Page) => page.locator('.trace-count [role="status"]');
const grid = (page: Page) => page.getByRole('grid', { name: 'Samples' });

test('flips of a run: filtered, opened, reloaded from the link, exported', async ({ page }) => {
  const complaints = listenForComplaints(page);
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  await waitUntilFinished(page);
  // What must be counted, counted here from the stored columns.
  const rows = await readStore<StoredChunk>(page, 'traces');
  const all = rows.reduce((sum, { chunk }) => sum + chunk.episodes, 0);
  const flips = (before: number, after: number) =>
    rows.reduce((sum, { chunk: { episodes, correct } }) => {
      const of = (e: number) => correct[2 * e] === before && correct[2 * e + 1] === after;
      return sum + Array.from({ length: episodes }, (_, e) => e).filter(of).length;
    }, 0);
  const [mended, broken] = [flips(0, 1), flips(1, 0)];
  expect(mended).toBeGreaterThan(0);
  expect(broken).toBeGreaterThan(0);

  await page.getByRole('link', { name: 'Traces', exact: true }).click();
  const number = new Intl.NumberFormat('en');
  await expect(count(page)).toHaveText(`${number.format(all)} of ${number.format(all)} samples`);
  await page.getByText(`right → wrong ${number.format(broken)}`, { exact: true }).click();
  await expect(count(page)).toHaveText(`${number.format(broken)} of ${number.format(all)} samples`);
  await expect(page.locator('.trace-row').first()).toContainText('right → wrong');
  await page.getByText(`wrong → right ${number.format(mended)}`, { exact: true }).click();
  await expect(count(page)).toHaveText(`${number.format(mended)} of ${number.format(all)} samples`);
  await page.getByLabel('Kind').selectOption('train');

  // Opened by keyboard; the second row, then back to the first.
  await grid(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const sample = page.getByRole('region', { name: 'Sample', exact: true });
  await expect(sample.getByText('wrong → right', { exact: true }).first()).toBeVisible();
  await expect(sample.getByText(/^2 of /)).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await expect(sample.getByText(/^1 of /)).toBeVisible();
  await expect(sample.locator('.token-strip')).toHaveCount(2);
  await expect(sample.locator('.word-diff ins').first()).toBeVisible();
  await sample.getByText('What the model really sees').click();
  // Prompt, both answers, the follow-up: all of the template's marks, and every token of an answer is a target.
  await expect(sample.locator('.part-prompt .seen-token').first()).toHaveText('<|user|>');
  await expect(sample.locator('.part-0 .seen-token').last()).toHaveText('<|end|>');
  expect(await sample.locator('.part-0 .seen-token:not(.trained), .part-1 .seen-token:not(.trained)').count()).toBe(0);
  expect(await sample.locator('.part-prompt .trained, .part-follow_up .trained').count()).toBe(0);

  const name = await sample.getByRole('heading', { level: 3 }).first().innerText();
  await expect(page).toHaveURL(/open=train\.\d+\.\d+/);
  await page.reload();
  await expect(sample.getByRole('heading', { level: 3 }).first()).toHaveText(name);
  await expect(page).toHaveURL(/flip=i_to_c/);
  await expectAxeClean(page, 'traces with a sample open');

  // Columns beside the score: in the opened sample, and in the list when asked for. An answer that was right has no wrong hop.
  const told = sample.getByRole('table', { name: 'What each answer did' });
  await expect(
    told
      .getByRole('row', { name: /^wrong hops/ })
      .getByRole('cell')
      .last(),
  ).toHaveText('0');
  await expect(
    told
      .getByRole('row', { name: /^lands on/ })
      .getByRole('cell')
      .last(),
  ).toHaveText('0');
  await sample.getByRole('button', { name: 'Close the sample' }).click();
  await page.getByText('Columns', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'misses 0 by' }).check();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/columns=missed_by/);
  await expect(page.getByRole('columnheader', { name: 'misses 0 by' })).toBeVisible();
  await expect(page.locator('.trace-row .extra span').nth(1)).toHaveText('0');
  await expectAxeClean(page, 'traces with a column beside the score');

  // A worst one of those that flipped: nothing shown has a smaller reward.
  await page.getByLabel('Sort by').selectOption('total@2');
  await page.getByRole('checkbox', { name: 'Falling' }).uncheck();
  const least = await page.locator('.trace-row .total span').nth(1).innerText();
  await page.getByRole('button', { name: 'A worst one' }).click();
  await expect(page.locator('.trace-row[aria-selected="true"] .total span').nth(1)).toHaveText(least);

  // Related samples, a saved view, a text.
  await sample
    .getByRole('button', { name: /^Show all \d+ in the list$/ })
    .last()
    .click();
  await expect(count(page)).not.toHaveText(new RegExp(`^${number.format(mended)} of`));
  await page.getByText('Saved views', { exact: true }).click();
  await page.getByLabel('Name of the view').fill('one problem');
  await page.getByRole('button', { name: 'Save this view' }).click();
  await page.keyboard.press('Escape');
  const answer = (await page.locator('.trace-row .answers .model-text').first().innerText()).trim();
  await page.getByRole('button', { name: 'Show all', exact: true }).click();
  await page.getByRole('searchbox').fill(answer);
  await expect(page.locator('.trace-row .answers').first()).toContainText(answer);
  await expect(count(page)).not.toHaveText(new RegExp(`^${number.format(all)} of`));
  await page.getByRole('button', { name: 'Show all', exact: true }).click();
  await expect(count(page)).toHaveText(`${number.format(all)} of ${number.format(all)} samples`);

  await page.getByText(`right → wrong ${number.format(broken)}`, { exact: true }).click();
  await page.getByText('Export', { exact: true }).click();
  for (const [label, ending] of [
    ['JSONL', 'jsonl'],
    ['CSV', 'csv'],
    ['Parquet', 'parquet'],
  ]) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: new RegExp(`^${label}:`) }).click();
    const file = readFileSync(await (await download).path());
    if (ending === 'jsonl') {
      const traces = file
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(traces).toHaveLength(broken);
      expect(traces.every(({ flip }) => flip === 'c_to_i')).toBe(true);
    } else if (ending === 'csv') expect(file.toString().trimEnd().split('\r\n')).toHaveLength(broken + 1);
    else expect(file.subarray(-4).toString()).toBe('PAR1');
  }
  expect(complaints).toEqual([]);
});

const CHUNKS = 400;
const EPISODES = 250;

/** A stored run of 100,000 samples without lists, as an older page would have left it. */
async function storeManySamples(page: Page): Promise<void> {
  await page.evaluate(
    async ([chunks, episodes]) => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('second-thought');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const tx = db.transaction(['runs', 'traces'], 'readwrite');
      const time = '2026-01-01T00:00:00.000Z';
      const habits = { evaluateEvery: 5, evaluationProblems: 10, checkpointEvery: 5, createdAt: time };
      const config = { id: 'many', recipe: 'score', settings: {}, seed: 3, totalSteps: chunks, minutes: null };
      const run = { status: 'stopped', step: chunks, checkpointStep: null, updatedAt: time, finished: null };
      tx.objectStore('runs').put({ ...run, config: { ...config, model: 'dial', level: 6, ...habits } }, 'many');
      for (let step = 1; step <= chunks; step++) {
        const answers = episodes * 2;
        const column = new Float32Array(answers * 3).fill(-0.5);
        const chunk = {
          kind: 'train',
          step,
          stage: step <= chunks / 2 ? 'stage_1' : 'stage_2',
          episodes,
          attempts: 2,
          prompts: Array.from({ length: episodes }, (_, e) => `dial ${1 + (e % 11)} ${1 + (step % 11)} 3`),
          instruction: 'again',
          problem: Int32Array.from({ length: episodes }, (_, e) => e >> 2),
          first: Int32Array.from({ length: episodes }, (_, e) => e >> 1),
          offsets: Int32Array.from({ length: answers + 1 }, (_, i) => i * 3),
          tokens: Int32Array.from({ length: answers * 3 }, (_, i) => i % 3),
          logProb: column,
          refLogProb: column,
          kl: column,
          entropy: column,
          correct: Uint8Array.from({ length: answers }, (_, i) => ((i * 7 + step) >> 1) & 1),
          terms: ['reward'],
          rewards: Float32Array.from({ length: answers }, (_, i) => ((i * 7 + step) >> 1) & 1),
          advantage: Float32Array.from({ length: answers }, (_, i) => Math.sin(step * 1000 + i)),
          texts: { 0: '7', 1: '+3=', 2: '10' },
        };
        tx.objectStore('traces').put({ runId: 'many', chunk }, ['many', step, 'train']);
      }
      await new Promise<void>((resolve, reject) => {
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(tx.error);
      });
      db.close();
    },
    [CHUNKS, EPISODES],
  );
}

test('100,000 samples: at most 60 row elements, any row at once', async ({ page }) => {
  const longTasks = await watchLongTasks(page);
  await page.goto('/#/settings');
  await expect(page.getByRole('heading', { level: 2, name: 'Settings' })).toBeVisible();
  await storeManySamples(page);
  await page.goto('/?seed=1#/traces/many');
  await expect(count(page)).toHaveText('100,000 of 100,000 samples', { timeout: 60_000 });

  const rowsNow = () => page.locator('.trace-row').count();
  let most = 0;
  /** Waits until the row at this place has its text. @returns ms since the key */
  const reached = async (place: number, since: number): Promise<number> => {
    const row = page.locator(`#trace-row-${place}`);
    await expect(row.locator('.answers .model-text').first()).toHaveText('7 +3= 10');
    const box = await row.boundingBox();
    const outer = await grid(page).boundingBox();
    expect(box && outer && box.y >= outer.y && box.y + box.height <= outer.y + outer.height + 1).toBe(true);
    most = Math.max(most, await rowsNow());
    return Math.round((await longTasks.now()) - since);
  };
  const begun = await longTasks.now();
  const took: Record<string, number> = {};
  await grid(page).focus();
  for (const [key, place] of [
    ['End', 99_999],
    ['Home', 0],
    ['ArrowDown', 1],
  ] as const) {
    const since = await longTasks.now();
    await page.keyboard.press(key);
    took[key] = await reached(place, since);
  }
  await page.keyboard.press('PageDown');
  const cursor = await grid(page).getAttribute('aria-activedescendant');
  expect(Number(cursor?.split('-').at(-1))).toBeGreaterThan(3);
  let since = await longTasks.now();
  await page.getByLabel('Go to row').fill('54321');
  await page.keyboard.press('Enter');
  took.row = await reached(54_320, since);
  since = await longTasks.now();
  await grid(page).evaluate((element) => element.scrollTo(0, element.scrollHeight / 3));
  await expect.poll(() => page.locator('.trace-row .answers .model-text').first().innerText()).toBe('7 +3= 10');
  took.scroll = Math.round((await longTasks.now()) - since);
  // Every row of another step: the most chunks that a screen can need.
  since = await longTasks.now();
  await page.getByRole('columnheader', { name: 'Advantage' }).getByRole('button').click();
  await grid(page).focus();
  await page.keyboard.press('Home');
  took.sorted = await reached(0, since);
  await page.setViewportSize({ width: 1920, height: 2160 });
  await expect.poll(rowsNow).toBeGreaterThan(25);
  most = Math.max(most, await rowsNow());
  expect(most).toBeLessThanOrEqual(60);
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const tasks = await longTasks.since(begun);
  console.log(`100,000 samples, ms to a row: ${JSON.stringify(took)}; most row elements ${most}.`);
  console.log(`Longest main-thread task: ${Math.max(0, ...tasks).toFixed(0)} ms; over 50 ms: ${tasks.length}.`);
});

test('without any run the screen says what to do', async ({ page }) => {
  await page.goto('/#/traces');
  await expect(page.getByText('No run is kept in this browser yet.')).toBeVisible();
  await expectAxeClean(page, 'traces without a run');
  await page.getByRole('link', { name: 'To the lesson' }).click();
  await expect(page.getByRole('heading', { level: 2, name: /Watch it fail/ })).toBeVisible();
});
