// The page under its own policy: every screen and a whole short lesson without a violation, and no request that leaves the origin.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { listenForComplaints, openLesson, SHORT_LESSON, startPractice, waitUntilFinished } from './lessonPage';

const screens = ['models', 'studio', 'run', 'traces', 'compare', 'playground', 'datasets', 'settings', 'teach'];

test('a lesson and every screen: no violation of the policy, no request to another origin', async ({
  page,
  baseURL,
}) => {
  const complaints = listenForComplaints(page);
  const strangers: string[] = [];
  const origin = new URL(baseURL ?? '').origin;
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    if (!['blob:', 'data:'].includes(url.protocol) && url.origin !== origin) strangers.push(request.url());
  });
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(window, { violations });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      violations.push(`${violatedDirective} ${blockedURI}`),
    );
  });
  await openLesson(page, SHORT_LESSON);
  await startPractice(page);
  await waitUntilFinished(page);
  for (const screen of screens) {
    await page.evaluate((name) => {
      location.hash = `#/${name}`;
    }, screen);
    await expect(page.locator('.screen-loading')).toHaveCount(0);
    await expect(page.locator('main')).not.toBeEmpty();
  }
  expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});

test('what is served carries the policy: no inline code, no eval, no other origin but for the worker, nothing guessed', async ({
  page,
  request,
}) => {
  const headers = (await request.get('/')).headers();
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['cross-origin-embedder-policy']).toBe('require-corp');

  // The worker alone may ask other hosts: for a model that a person named.
  const files = readdirSync(join(import.meta.dirname, '..', 'dist', 'assets'));
  const worker = files.find((name) => /^worker-[\w-]+\.js$/.test(name));
  const ofWorker = (await request.get(`/assets/${worker}`)).headers()['content-security-policy'];
  expect(ofWorker).toContain("connect-src 'self' https:");
  expect(ofWorker).not.toMatch(/unsafe-inline|'unsafe-eval'/);

  // From a folder that sends no headers the page itself brings the policy, and works (on one thread).
  const html = readFileSync(join(import.meta.dirname, '..', 'dist', 'index.html'), 'utf8');
  expect(html).toContain('http-equiv="Content-Security-Policy"');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style="/);
  const complaints = listenForComplaints(page);
  await page.route('**/*', async (route) => {
    const response = await route.fetch();
    const { 'content-type': type = 'application/octet-stream' } = response.headers();
    await route.fulfill({ response, headers: { 'content-type': type } });
  });
  await openLesson(page, { seed: '1' });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await expect(page.getByRole('banner')).toContainText('Processor, 1 thread');
  const evaluated = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.head.append(script);
    return 'ran' in window;
  });
  expect(evaluated).toBe(false);
  expect(complaints.filter((complaint) => !complaint.includes('Content Security Policy'))).toEqual([]);
});
