// The teacher's page: reached from every screen, in both languages, and fit for paper.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { words } from '../src/app/teach/words';
import { expectAxeClean } from './axeClean';
import { listenForComplaints } from './lessonPage';

test('is read, translated and printed', async ({ page }) => {
  const complaints = listenForComplaints(page);
  await page.goto('/?seed=1');
  await page.getByRole('contentinfo').getByRole('link', { name: 'For teachers' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(words.en.title);
  await expect(page.locator('.plan > li')).toHaveCount(6);
  // No sentence asks for a figure that is not there.
  const sentences = await page.locator('main').innerText();
  expect(sentences).not.toMatch(/\{\w+\}/);
  expect(sentences).toContain('0 of 1,000 fits a true rate of up to 3 in 1,000');
  await expect(page.locator('.measured tbody tr')).toHaveCount(6);
  await expectAxeClean(page, 'teach');
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.setViewportSize({ width: 1280, height: 720 });

  await page.getByLabel('Theme').selectOption('dark');
  const folder = join(import.meta.dirname, '..', 'artifacts', 'screenshots');
  mkdirSync(folder, { recursive: true });
  for (const language of ['ko', 'en'] as const) {
    await page.locator('header select').first().selectOption(language);
    await expect(page.getByRole('heading', { level: 2 })).toHaveText(words[language].title);
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.page-header')).toBeHidden();
    await expect(page.locator('.page-footer')).toBeHidden();
    await expect(page.getByRole('button', { name: words[language].print })).toBeHidden();
    // Dark on white, whatever the theme on screen.
    const ink = await page
      .locator('.plan dd')
      .first()
      .evaluate((element) => getComputedStyle(element).color);
    expect(ink).toBe('rgb(29, 28, 26)');
    await page.screenshot({ path: join(folder, `teach-${language}-print.png`), fullPage: true });
    await page.emulateMedia({ media: 'screen' });
  }
  expect(complaints).toEqual([]);
});
