// Without a mouse and without eyes: the whole lesson by keyboard, and nothing that axe objects to in any state of the page.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { fact, openLesson, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

/** Presses Tab until the focused element has this accessible name; fails when it never comes. */
async function tabTo(page: Page, name: RegExp, presses = 60): Promise<void> {
  for (let i = 0; i < presses; i++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue;
    const words = await focused.evaluate(
      (element) =>
        element.getAttribute('aria-label') ?? (element as HTMLElement).innerText ?? element.textContent ?? '',
    );
    if (name.test(words.trim())) return;
  }
  throw new Error(`keyboard: expected Tab to reach ${name} within ${presses} presses, it did not.`);
}

test('the lesson by keyboard alone', async ({ page }) => {
  await openLesson(page, SHORT_LESSON);
  await page.keyboard.press('Tab');
  await expect(page.locator(':focus')).toHaveText('Skip to the content');
  await tabTo(page, /^Let it try$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Second attempt').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try five more' })).toBeVisible();
  await tabTo(page, /^Practise for/);
  await page.keyboard.press('Enter');
  await waitUntilFinished(page);
  // The chart is one tab stop; arrows walk along its points, Enter opens one.
  await tabTo(page, /^Step \d+: first attempt/);
  await page.keyboard.press('Home');
  await expect(page.locator(':focus')).toHaveAttribute('aria-label', /^Step 0:/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const samples = page.getByRole('dialog');
  await expect(samples.getByRole('heading', { level: 2 })).toHaveText('Samples of step 1');
  await tabTo(page, /^Tokens/);
  await page.keyboard.press('Enter');
  await expect(samples.getByRole('button', { name: 'Back to the list' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(samples).toHaveCount(0);
  await expect(page.locator(':focus')).toHaveAttribute('aria-label', /^Step 1:/);
});

async function expectClean(page: Page, state: string): Promise<void> {
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  expect(passes.length, 'rules that looked at something').toBeGreaterThan(15);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(found, state).toEqual([]);
}

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing, ${theme}`, async ({ page }) => {
    await openLesson(page, SHORT_LESSON);
    await page.getByLabel('Theme').selectOption(theme);
    await expectClean(page, 'at the start');
    await page.getByRole('button', { name: 'Let it try' }).click();
    await expect(page.getByRole('button', { name: 'Try five more' })).toBeVisible();
    await startPractice(page);
    await waitUntilFinished(page);
    await expect(fact(page, 'State')).toHaveText('finished');
    await expectClean(page, 'after practice');
    await page.getByText('Table', { exact: true }).first().click();
    await expectClean(page, 'with the chart as a table');
    await page.getByText('Chart', { exact: true }).first().click();
    await page.locator('.point-columns rect').last().click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectClean(page, 'with samples open');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Tokens/ })
      .first()
      .click();
    await expectClean(page, 'with one sample open');
  });
}
