// Nothing that axe objects to, in both languages and both themes.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const LOOKS: readonly (readonly [language: string, theme: string])[] = [
  ['ko', 'dark'],
  ['ko', 'light'],
  ['en', 'dark'],
  ['en', 'light'],
];

/** @param screen named when something is found */
export async function expectAxeClean(page: Page, screen: string, looks = LOOKS): Promise<void> {
  const [language, theme] = [0, 1].map((i) => page.locator('header select').nth(i));
  for (const [spoken, look] of looks) {
    await language.selectOption(spoken);
    await theme.selectOption(look);
    const { violations, passes } = await new AxeBuilder({ page }).analyze();
    expect(passes.length, 'rules that looked at something').toBeGreaterThan(15);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
    expect(found, `${screen}, ${spoken}, ${look}`).toEqual([]);
  }
}
