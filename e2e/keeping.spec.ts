// Nothing is lost on purpose either: a run goes out as a zip and comes back the same, a file that is none changes nothing, and samples
// that reach their room are thinned while every figure stays.
import { expect, type Page, test } from '@playwright/test';
import { openLesson, readStore, SHORT_LESSON, type StoreName, startPractice, waitUntilFinished } from './lessonPage';

const stores: StoreName[] = ['runs', 'metrics', 'evaluations', 'traces', 'checkpoints'];

/** Everything stored, with typed arrays spelled out. */
async function everything(page: Page): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const store of stores) rows[store] = await readStore(page, store);
  return rows;
}

async function openSettings(page: Page): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/settings';
  });
  await expect(page.getByRole('button', { name: 'Bring runs in' })).toBeVisible();
}

test('out as a zip, everything deleted, in again: the same rows and the same page', async ({ page }) => {
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  await waitUntilFinished(page);
  const finding = await page.getByRole('region', { name: 'See what changed' }).innerText();
  const before = await everything(page);
  await openSettings(page);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Take everything home' }).click();
  const file = await (await downloading).path();

  await page.getByRole('button', { name: 'Delete everything' }).click();
  await page.locator('button.danger').click();
  await expect(page.getByText('No run is kept yet.')).toBeVisible();
  expect((await everything(page)).traces).toEqual([]);

  const chooser = page.locator('.keeping-import input[type=file]');
  await chooser.setInputFiles({ name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('not a zip') });
  await expect(page.getByRole('alert')).toContainText('Nothing was brought in, and nothing was changed.');
  await chooser.setInputFiles(file);
  await expect(page.getByText('Runs brought in: 1.')).toBeVisible();
  expect(await everything(page)).toEqual(before);
  await chooser.setInputFiles(file);
  await expect(page.getByText('Here already, left as they are: 1.')).toBeVisible();

  await page.goto('/?seed=1');
  const shown = page.getByRole('region', { name: 'See what changed' });
  await expect(shown).toContainText(finding.split('\n').find((line) => line.startsWith('Of ')) ?? 'a finding');
});

test('samples that reach their room are thinned, older practice first, and every figure stays', async ({ page }) => {
  await page.addInitScript(() => {
    if (location.protocol.startsWith('http')) {
      localStorage.setItem('second-thought.preferences', JSON.stringify({ traceRoom: 1 }));
    }
  });
  await openLesson(page, {
    ...SHORT_LESSON,
    steps: '30',
    every: '30',
    problems: '10',
    test: '10',
    'set.problems': '16',
  });
  await startPractice(page);
  await waitUntilFinished(page);
  const sentence = page.getByText(/The samples of this run reached their room of 1 MB\. Those of \d+ steps/);
  await expect(sentence).toBeVisible();
  const [run] = await readStore<{ traces: { budgetBytes: number; usedBytes: number; thinnedSteps: number[] } }>(
    page,
    'runs',
  );
  const { budgetBytes, usedBytes, thinnedSteps } = run.traces;
  expect(budgetBytes).toBe(1e6);
  expect(usedBytes).toBeLessThanOrEqual(budgetBytes);
  const chunks = await readStore<{ chunk: { step: number; kind: string } }>(page, 'traces');
  const kept = chunks.filter(({ chunk }) => chunk.kind === 'train').map(({ chunk }) => chunk.step);
  expect(kept.filter((step) => thinnedSteps.includes(step))).toEqual([]);
  expect([...kept, ...thinnedSteps].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(await readStore(page, 'metrics')).toHaveLength(30);
  expect(await readStore(page, 'evaluations')).toHaveLength(2);
  await page.reload();
  await expect(sentence).toBeVisible();
});
