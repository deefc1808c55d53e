// Data: a sample opened, columns changed, one row seen as tokens, kept over a reload, and in the form of the Studio.
import { expect, test } from '@playwright/test';
import { expectAxeClean } from './axeClean';
import { listenForComplaints, openLesson } from './lessonPage';

const DIAL = [
  { prompt: 'dial 7 3 11 5', completion: '7 +3= 10 -11= 11 +5= 4' },
  { prompt: 'dial 2 9 4 1', completion: '2 +9= 11 +4= 3 -1= 2' },
  { prompt: 'dial 2 9 4 1' },
]
  .map((row) => JSON.stringify(row))
  .join('\n');

test('a pasted text is seen as tokens, kept, and learned from', async ({ page }) => {
  const complaints = listenForComplaints(page);
  await openLesson(page);
  await page.goto('/#/datasets');
  await page.getByText('Paste text').click();
  await page.getByLabel('Rows as JSONL or CSV, or plain paragraphs').fill(DIAL);
  await page.getByRole('button', { name: 'Read it' }).click();
  await expect(page.getByLabel('Kind of data')).toHaveValue('completion');
  const trained = page.getByRole('region', { name: 'The conversation as tokens' }).locator('.trained');
  await expect(trained.first()).toHaveText('7');
  await expect(trained.last()).toHaveText('<|end|>');
  const facts = page.getByRole('region', { name: 'What comes out' });
  await expect(facts.locator('div', { hasText: 'Usable rows' }).locator('dd')).toHaveText('2');
  await expect(facts.getByText('expected a text as completion in "completion", got nothing.')).toBeVisible();
  await page.getByRole('button', { name: 'Next row' }).click();
  await expect(trained.first()).toHaveText('2');
  await expectAxeClean(page, 'data with a dataset', [
    ['ko', 'dark'],
    ['en', 'light'],
  ]);
  await page.getByLabel('Test', { exact: true }).selectOption('0');
  await page.getByLabel('Validation', { exact: true }).selectOption('0');
  await page.getByLabel('Name', { exact: true }).fill('Two dials');
  await page.getByRole('button', { name: 'Keep in this browser' }).click();
  await expect(page.getByText('Kept.', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText('2 rows: 2 for training, 0 validation, 0 test')).toBeVisible();
  await page.getByRole('button', { name: 'Learn from it in the Studio Two dials' }).click();
  await page.getByRole('link', { name: 'To the Studio' }).click();
  await expect(page.getByRole('textbox', { name: 'Conversations (JSONL)' })).toHaveValue(/dial 2 9 4 1/);
  await page.goto('/#/datasets');
  await page.getByRole('button', { name: 'Delete Two dials' }).click();
  await expect(page.getByText('Nothing is kept yet.')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('the sample opens, a broken file says why, and on a phone nothing hangs over', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await openLesson(page);
  await page.goto('/#/datasets');
  await page.getByRole('button', { name: /Open the sample/ }).click();
  await expect(page.getByText('200 rows, 2 columns, JSONL')).toBeVisible();
  await expect(page.getByLabel('Kind of data')).toHaveValue('problem');
  // The bundled model speaks Dial, not English, and the page says so.
  await expect(page.getByText(/of the tokens are unknown to/)).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
  await page.locator('input[type=file]').setInputFiles({
    name: 'broken.parquet',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('PAR1 this is no Parquet PAR1'),
  });
  await expect(page.getByRole('alert')).toContainText('a Parquet file');
});
