// The page opens: isolated (so that threads may share memory), useful before the model has loaded, without a word in the console.
import { expect, test } from '@playwright/test';
import { listenForComplaints, openLesson } from './lessonPage';

test('opens cross-origin isolated and without complaints, and the model answers', async ({ page }) => {
  const complaints = listenForComplaints(page);
  await openLesson(page, { seed: '1' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Second Thought');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.getByRole('button', { name: 'Let it try' }).click();
  const watch = page.getByRole('region', { name: 'Watch it fail' });
  await expect(watch.getByText('Second attempt').first()).toBeVisible();
  await expect(watch.getByText('There might be an error above. Please correct it.')).toBeVisible();
  await expect(watch.getByText(/(right|wrong)\s*→\s*.*(right|wrong)/).first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test('can be used before the model has loaded', async ({ page }) => {
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route('**/model.safetensors', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/?seed=1');
  await expect(page.getByText('The model is loading.')).toBeVisible();
  await page.getByLabel('Theme').selectOption('dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByLabel('Language').selectOption('ko');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  await page.getByLabel('언어').selectOption('en');
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeDisabled();
  letThrough();
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeEnabled();
});
