// Finds a Chrome or Chromium for the browser tests; if there is none, gets one.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';
import { runProgram, runTool } from './runTool';

const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome', 'chrome.exe'];
const usualPlaces = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application',
];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of a browser that is already there, or null. `CHROME_PATH` wins. */
export function findBrowser(): string | null {
  const asked = process.env.CHROME_PATH;
  if (asked) {
    if (isProgram(asked)) return asked;
    throw new RangeError(`CHROME_PATH: expected a program that can be run, got "${asked}". Correct or unset it.`);
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...usualPlaces];
  const found = folders.flatMap((folder) =>
    folder.endsWith('Google Chrome') || folder.endsWith('Chromium') ? folder : names.map((name) => join(folder, name)),
  );
  // Playwright's own; its "headless shell" is not used, for it has no WebGPU.
  return [...found, chromium.executablePath()].find((path) => path !== '' && isProgram(path)) ?? null;
}

/** Finds or installs one. null when none can be had: the reason was printed. */
export async function haveBrowser(): Promise<string | null> {
  const present = findBrowser();
  if (present) return present;
  console.log('No Chrome or Chromium here: asking Playwright for its own.');
  const root = process.getuid?.() === 0;
  if ((await runTool('playwright', ['install', ...(root ? ['--with-deps'] : []), 'chromium'])) === 0) {
    const own = findBrowser();
    if (own) return own;
  }
  if (root && isProgram('/usr/bin/apt-get')) {
    console.log("That failed: asking Debian's package manager for chromium.");
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await runProgram('apt-get', ['update', '-q'], env);
    await runProgram('apt-get', ['install', '-y', '-q', 'chromium'], env);
    const debian = findBrowser();
    if (debian) return debian;
  }
  console.error(
    'browser: expected Chrome or Chromium for the browser tests, found none and could not install one. ' +
      'Install Chrome or Chromium, or set CHROME_PATH to its program, and run `npm test` again.',
  );
  return null;
}
