// Browser tests: the built page as `npm start` serves it, in a full Chromium (the "headless shell" has no WebGPU).
import { defineConfig } from '@playwright/test';
import { findBrowser } from './src/cli/findBrowser';

const port = Number(process.env.E2E_PORT ?? 4317);
const baseURL = `http://localhost:${port}/`;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // One at a time: the page under test keeps every core busy by itself.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 180_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL,
    actionTimeout: 30_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: findBrowser() ?? undefined,
      args: ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'],
    },
  },
  projects: [{ name: 'chromium', use: { channel: 'chromium' } }],
  webServer: {
    command: `node node_modules/tsx/dist/cli.mjs src/cli/start.ts --no-open --port ${port}`,
    url: baseURL,
    reuseExistingServer: false,
    timeout: 180_000,
    stdout: 'pipe',
  },
});
