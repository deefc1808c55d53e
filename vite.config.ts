import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { licencesPlugin } from './src/cli/licences.ts';
import { isolationHeaders, policyInPage, policyOfFiles, securityHeaders } from './src/cli/securityHeaders.ts';

// What src/ops/gradients.ts means by the union package; Node (tests, tsx) loads the package itself.
const gradientsOnly = { find: /^@tensorflow\/tfjs$/, replacement: '@tensorflow/tfjs-core/dist/register_all_gradients' };

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig({
  define: { APP_VERSION: JSON.stringify(version) },
  base: './',
  // No page answers for a missing file: a model file that is not there is a 404, not HTML.
  appType: 'mpa',
  resolve: { alias: process.env.VITEST ? [] : [gradientsOnly] },
  // The worker's packages are found before the first visit, not during it (they would be loaded twice).
  optimizeDeps: { entries: ['index.html', 'src/worker/worker.ts', 'src/ops/register*.ts'] },
  plugins: [react(), policyInPage(), policyOfFiles(), licencesPlugin(import.meta.dirname)],
  server: { headers: isolationHeaders },
  preview: { headers: securityHeaders },
  worker: { format: 'es' },
  // The manifest is what the bundle budget is computed from (src/cli/bundleBudget.ts).
  build: { target: 'es2022', manifest: true, chunkSizeWarningLimit: 2000 },
  test: {
    globalSetup: ['src/cli/testSetup.ts'],
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    testTimeout: 60_000,
    pool: 'forks',
  },
});
