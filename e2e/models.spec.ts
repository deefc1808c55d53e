// Real models: a GGUF file is looked at, loaded, talked to, trained for two steps, and its adapter taken home.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { expectAxeClean } from './axeClean';
import { fact, listenForComplaints, waitUntilFinished } from './lessonPage';

const fixture = (name: string) =>
  gunzipSync(readFileSync(join(import.meta.dirname, '..', 'src/models/fixtures/gguf', name)));

/** The tiny model says that it reads 128 tokens; sums in words with two attempts take more, and its rotary angles have no end. */
function longTiny(): Buffer {
  const bytes = Buffer.from(fixture('tiny-llama.gguf.gz'));
  const key = 'llama.context_length';
  const at = bytes.indexOf(key) + key.length;
  // type 4: a 32-bit whole number
  expect([bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]).toEqual([4, 128]);
  bytes.writeUInt32LE(1024, at + 4);
  return bytes;
}

/** Lets a file fall onto the part of the page that takes files. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const base64 = bytes.toString('base64');
  const transfer = await page.evaluateHandle(
    ([name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [name, base64],
  );
  await page.getByRole('region', { name: 'Files of this machine' }).dispatchEvent('drop', { dataTransfer: transfer });
}

async function loadTiny(
  page: Page,
  holding: 'float32' | 'stored',
  options: Record<string, string> = {},
): Promise<void> {
  await page.goto(`/?${new URLSearchParams({ seed: '1', tour: 'off', ...options })}#/models`);
  await expect(page.getByText('The bundled model', { exact: true }).first()).toBeVisible();
  await drop(page, 'tiny-llama.gguf', longTiny());
  const looked = page.getByRole('region', { name: 'What tiny-llama needs' });
  await expect(looked.getByText('It fits.')).toBeVisible();
  await expect(looked).toContainText('nothing, it is on this machine');
  await looked.getByLabel('How its weights are held').selectOption(holding);
  await looked.getByRole('button', { name: 'Load it' }).click();
  await expect(page.locator('.model-name')).toHaveText('tiny-llama');
}

test('a GGUF file: looked at, loaded, talked to, its tokens, a second attempt, saved', async ({ page }) => {
  const complaints = listenForComplaints(page);
  await loadTiny(page, 'float32');
  await expect(page.locator('.model-facts')).toContainText('llama');
  await expect(page.locator('.model-facts')).not.toContainText('Weights as');
  await expectAxeClean(page, 'models with a model of this machine');

  await page.getByRole('link', { name: 'Talk to it' }).click();
  const chat = page.getByRole('region', { name: 'Conversation' });
  await page.getByLabel('Longest answer').fill('12');
  await page.getByLabel('What you say').fill('What is 2 + 2?');
  await page.keyboard.press('Enter');
  const answer = chat.getByRole('region', { name: 'Base' });
  await expect(answer.getByText(/tokens a second/)).toBeVisible();
  await answer.getByText('Tokens', { exact: true }).click();
  const rows = answer.getByRole('row');
  await expect(rows.nth(1)).toContainText('%');
  const first = await answer.locator('.chat-text').innerText();

  // The same seed answers the same; what was said can be said differently.
  await chat.getByRole('button', { name: 'Answer anew' }).click();
  await expect(answer.getByText(/tokens a second/)).toBeVisible();
  expect(await answer.locator('.chat-text').innerText()).toBe(first);
  await chat.getByRole('button', { name: 'Second attempt' }).click();
  await expect(chat.getByRole('region', { name: 'Base' })).toHaveCount(2);
  await expect(chat.getByText(/tokens a second/)).toHaveCount(2);
  await chat.getByRole('button', { name: /^Edit what you said: What is/ }).click();
  await chat.getByRole('textbox', { name: 'What you say' }).first().fill('And 3 + 3?');
  await chat.getByRole('button', { name: 'Say this instead' }).click();
  await expect(chat.getByText('And 3 + 3?')).toBeVisible();
  await expect(chat.getByRole('region', { name: 'Base' })).toHaveCount(1);
  await expect(answer.getByText(/tokens a second/)).toBeVisible();
  await expectAxeClean(page, 'a conversation');
  await answer.getByRole('button', { name: 'Save as example' }).click();
  await expect(page.getByRole('row', { name: /And 3 \+ 3\?/ })).toBeVisible();

  // A long answer is stopped.
  await page.getByLabel('Longest answer').fill('100');
  await page.getByLabel('What you say').fill('Tell me more.');
  await page.keyboard.press('Enter');
  await expect(chat.getByRole('region', { name: 'Base' })).toHaveCount(2);
  await expect(chat.getByRole('button', { name: 'Send' })).toBeVisible();
  expect(complaints).toEqual([]);
});

test('two steps of LoRA on it, the base beside what was learned, and the adapter as a folder', async ({ page }) => {
  await loadTiny(page, 'stored', { steps: '2', every: '1', problems: '4', test: '4' });
  // Its matrices stay as the file has them, most of them in 16 bits: what is trained lies beside them.
  await expect(page.locator('.model-facts')).toContainText('F16');
  await page.getByRole('link', { name: 'Train it' }).click();
  // Dial is for the bundled model: the page says what is missing.
  await expect(page.getByText('The loaded model does not know Dial: choose sums').first()).toBeVisible();
  await page.locator('[data-place="run.recipe"] select').selectOption('sft');
  await page.locator('[data-place="run.level"] select').selectOption('arithmetic 1');
  await page.getByRole('button', { name: 'Start the run' }).click();
  const screens = page.getByRole('navigation', { name: 'Screens' });
  await screens.getByRole('link', { name: 'Run', exact: true }).click();
  await waitUntilFinished(page);
  await expect(fact(page, 'Step')).toHaveText('2 of 2');

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Take the adapter home' }).first().click();
  const file = await downloading;
  const files = unzipSync(readFileSync(await file.path()));
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']));
  expect(new TextDecoder().decode(files['README.md'])).toContain('sums and differences of 1 digits');

  await screens.getByRole('link', { name: 'Playground', exact: true }).click();
  await page.getByLabel('Beside the base').selectOption({ index: 1 });
  await page.getByLabel('Longest answer').fill('8');
  await page.getByLabel('What you say').fill('What is 2 + 2?');
  await page.keyboard.press('Enter');
  const chat = page.getByRole('region', { name: 'Conversation' });
  for (const name of ['Base', 'After practice']) {
    await expect(chat.getByRole('region', { name }).getByText(/tokens a second/)).toBeVisible();
  }

  // What was taken home comes back: the same words in the same mouth, beside another adapter made for llama.cpp.
  const trained = chat.getByRole('region', { name: 'After practice' }).locator('.chat-text');
  const learned = await trained.innerText();
  const chooser = page.getByLabel('Adapter from files');
  const beside = page.getByLabel('Beside the base');
  await chooser.setInputFiles({
    name: 'home.zip',
    mimeType: 'application/zip',
    buffer: readFileSync(await file.path()),
  });
  await expect(beside).toHaveValue('adapter:home');
  await chat.getByRole('button', { name: 'Answer anew' }).click();
  await expect(chat.getByRole('region', { name: 'After practice' }).getByText(/tokens a second/)).toBeVisible();
  expect(await trained.innerText()).toBe(learned);
  const gguf = { name: 'tiny-lora.gguf', mimeType: '', buffer: fixture('tiny-lora.gguf.gz') };
  await chooser.setInputFiles(gguf);
  await expect(beside).toHaveValue('adapter:tiny-lora');
  await expect(beside.getByRole('option')).toContainText([/home, rank/, /tiny-lora, rank 4, 14 layers/]);
  await chooser.setInputFiles({ name: 'notes.zip', mimeType: '', buffer: Buffer.from('hello') });
  await expect(page.getByRole('alert').filter({ hasText: 'notes.zip' })).toBeVisible();
  await expectAxeClean(page, 'a conversation with adapters from files');
});

test('files that are no model say so, and change nothing', async ({ page }) => {
  await page.goto('/?seed=1&tour=off#/models');
  await expect(page.locator('.model-name')).toHaveText('The bundled model');
  await drop(page, 'notes.txt', Buffer.from('hello'));
  const failed = page.getByRole('alert');
  await expect(failed).toContainText('What it needs could not be found out.');
  await expect(failed).toContainText('expected a model folder');
  await drop(page, 'broken.gguf', fixture('tiny-llama.gguf.gz').subarray(0, 3000));
  await expect(failed).toContainText('broken.gguf');
  await expect(page.locator('.model-name')).toHaveText('The bundled model');
});
