// Files that are not a model: one clear sentence that says where and what was expected, and a way on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { openLesson } from './lessonPage';

const folder = join(import.meta.dirname, '..', 'public', 'models', 'dial-0.8m');

/** The bundled model's files, with some replaced. */
function modelWith(changes: Record<string, (bytes: Buffer) => Buffer>) {
  return readdirSync(folder)
    .filter((name) => /\.(json|safetensors|jinja)$/.test(name))
    .map((name) => {
      const buffer = readFileSync(join(folder, name));
      return { name, mimeType: 'application/octet-stream', buffer: changes[name]?.(buffer) ?? buffer };
    });
}

async function give(page: Page, files: ReturnType<typeof modelWith>): Promise<void> {
  await page.locator('.model-picker summary').click();
  await page.locator('.model-picker input[type=file]').setInputFiles(files);
}

const headerLength = (bytes: Buffer) => Number(bytes.readBigUInt64LE(0));

const broken: [what: string, changes: Parameters<typeof modelWith>[0], sentence: RegExp][] = [
  [
    'a truncated file of weights',
    { 'model.safetensors': (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)) },
    /model\.safetensors.*expected.*got/s,
  ],
  [
    'a header that lies about its length',
    {
      'model.safetensors': (bytes) => {
        const lying = Buffer.from(bytes);
        lying.writeBigUInt64LE(2n ** 60n, 0);
        return lying;
      },
    },
    /model\.safetensors.*expected.*got/s,
  ],
  [
    'weights that are not numbers',
    {
      'model.safetensors': (bytes) => {
        const poisoned = Buffer.from(bytes);
        poisoned.writeUInt16LE(0x7e00, 8 + headerLength(bytes)); // NaN in half precision
        return poisoned;
      },
    },
    /expected finite numbers, got NaN/,
  ],
  [
    'a configuration of another shape',
    {
      'config.json': (bytes) =>
        Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), intermediate_size: 999 })),
    },
    /tensor ".*": expected \[.*\].*got \[.*\]/,
  ],
  [
    'a configuration out of range',
    { 'config.json': (bytes) => Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), hidden_size: -4 })) },
    /config\.json.*expected.*got/s,
  ],
];

for (const [what, changes, sentence] of broken) {
  test(`${what} gives one sentence and a way back`, async ({ page }) => {
    await openLesson(page, { seed: '1' });
    await give(page, modelWith(changes));
    const panel = page.getByRole('alert');
    await expect(panel).toHaveCount(1);
    await expect(panel).toContainText('These files are not a model that can be used.');
    await expect(panel).toContainText(sentence);
    await expect(page.getByRole('button', { name: 'Let it try' })).toBeDisabled();
    await panel.getByRole('button', { name: 'Back to the bundled model' }).click();
    await expect(panel).toHaveCount(0);
    await page.getByRole('button', { name: 'Let it try' }).click();
    await expect(page.getByText('Second attempt').first()).toBeVisible();
  });
}

test("one's own model, unbroken, is taken", async ({ page }) => {
  await openLesson(page, { seed: '1' });
  await give(page, modelWith({}));
  await expect(page.locator('.model-picker summary')).toContainText('own-model-');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeEnabled();
});

test('a bundled model that cannot be fetched says so, and trying again helps', async ({ page }) => {
  await page.route('**/model.safetensors', (route) => route.abort());
  await page.goto('/?seed=1');
  const panel = page.getByRole('alert');
  await expect(panel).toContainText('The bundled model could not be loaded.');
  await expect(panel).toContainText('model.safetensors');
  await page.unroute('**/model.safetensors');
  await panel.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Let it try' })).toBeEnabled();
});
