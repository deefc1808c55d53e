// Two languages from the first string, light and dark, remembered; and pictures of all of it to be looked at.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { en } from '../src/app/i18n/en';
import { ko } from '../src/app/i18n/ko';
import { openLesson, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

test('Korean: every heading, the document and its title, also after a reload', async ({ page }) => {
  await openLesson(page, { seed: '1' });
  await page.getByLabel('Language').selectOption('ko');
  const check = async () => {
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
    await expect(page).toHaveTitle(new RegExp(ko['product.tagline'].slice(0, 8)));
    for (const key of ['watch.title', 'practise.title', 'changed.title'] as const) {
      await expect(page.getByRole('heading', { level: 2, name: ko[key] })).toBeVisible();
    }
  };
  await check();
  await page.reload();
  await check();
  // No English sentence of the catalogue is left over anywhere (names and formulas are the same in both).
  const text = await page.locator('body').innerText();
  const sentences = Object.entries(en).filter(
    ([key, value]) => value.length > 12 && !value.includes('{') && ko[key as keyof typeof ko] !== value,
  );
  expect(sentences.length).toBeGreaterThan(50);
  expect(sentences.filter(([, value]) => text.includes(value)).map(([key]) => key)).toEqual([]);
});

test('a Korean browser is greeted in Korean', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ko-KR' });
  const page = await context.newPage();
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 2, name: ko['watch.title'] })).toBeVisible();
  await context.close();
});

test('dark by choice and by the system, remembered', async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await openLesson(page, { seed: '1' });
  const light = await background();
  expect(light).toBe('rgb(251, 250, 247)');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(background).toBe('rgb(20, 21, 26)');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByLabel('Theme').selectOption('dark');
  await expect.poll(background).toBe('rgb(20, 21, 26)');
  await page.reload();
  await expect.poll(background).toBe('rgb(20, 21, 26)');
});

test('pictures of both languages, themes and widths, with nothing wider than the screen', async ({ browser }) => {
  test.setTimeout(300_000);
  const folder = join(import.meta.dirname, '..', 'artifacts', 'screenshots');
  mkdirSync(folder, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await openLesson(page, { ...SHORT_LESSON, steps: '6', every: '2', problems: '50', test: '50' });
  await page.getByRole('button', { name: 'Let it try' }).click();
  await expect(page.getByRole('button', { name: 'Try five more' })).toBeVisible();
  await startPractice(page);
  await waitUntilFinished(page);
  for (const language of ['en', 'ko'] as const) {
    await page.locator('header select').first().selectOption(language);
    for (const theme of ['light', 'dark']) {
      await page.locator('header select').nth(1).selectOption(theme);
      for (const [name, width, height] of [
        ['wide', 1280, 720],
        ['phone', 360, 740],
      ] as const) {
        await page.setViewportSize({ width, height });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        // The header sticks to the top, and the point opened last still has the focus.
        await page.evaluate(() => {
          scrollTo(0, 0);
          if (document.activeElement instanceof HTMLElement || document.activeElement instanceof SVGElement) {
            document.activeElement.blur();
          }
        });
        await page.screenshot({ path: join(folder, `lesson-${language}-${theme}-${name}.png`), fullPage: true });
      }
      await page.setViewportSize({ width: 1280, height: 720 });
      await page.locator('.point-columns rect').last().click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await page.screenshot({ path: join(folder, `samples-${language}-${theme}-wide.png`) });
      await page.keyboard.press('Escape');
    }
  }
  await context.close();
});
