// What was learned goes home as a file that was read back and compared with the model in memory before the page offered it.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { expectAxeClean } from './axeClean';
import { openLesson, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

async function zipFrom(page: Page, button: string) {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await downloading;
  return { name: file.suggestedFilename(), files: unzipSync(readFileSync(await file.path())) };
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('the adapter: checked in words beside its button, complete, and with the run’s own figures', async ({ page }) => {
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  await waitUntilFinished(page);
  const { name, files } = await zipFrom(page, 'Take the adapter home');
  await expect(page.getByText(/Checked: read back from dial-0\.8m-score-seed\d+-step3\.zip/)).toContainText(
    /3 conversations, \d+ tokens; largest difference of a logit: 0\.$/,
  );
  expect(name).toMatch(/^dial-0\.8m-score-seed\d+-step3\.zip$/);
  expect(Object.keys(files).sort()).toEqual([
    'README.md',
    'adapter_config.json',
    'adapter_model.safetensors',
    'chat_template.jinja',
    'studio_run.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'trainer_state.json',
  ]);
  const run = JSON.parse(textOf(files['studio_run.json']));
  expect(run.step).toBe(3);
  expect(run.model.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(run.studio.version).toMatch(/^\d+\.\d+\.\d+/);
  const { before, after } = run.test;
  expect(before.greedy.n).toBe(after.greedy.n);
  const card = textOf(files['README.md']);
  expect(card).toContain(`| base, step 0 | test | greedy | ${before.greedy.n} | `);
  expect(card).toContain(run.model.weightsSha256);
  await expectAxeClean(page, 'lesson with a checked export', [
    ['ko', 'dark'],
    ['en', 'light'],
  ]);

  // The whole run's zip carries the same folder, and says that it was checked.
  await page.evaluate(() => {
    location.hash = '#/settings';
  });
  const whole = await zipFrom(page, 'Take everything home');
  const folder = Object.entries(whole.files).filter(([path]) => path.includes('/adapter/'));
  expect(folder.map(([path]) => path.split('/').at(-1)).sort()).toEqual(Object.keys(files).sort());
  const weights = folder.find(([path]) => path.endsWith('adapter_model.safetensors'))?.[1];
  expect(weights).toEqual(files['adapter_model.safetensors']);
  await expect(page.getByText(/Adapter folders read back and checked: \d; .*: 0\./)).toBeVisible();
});
