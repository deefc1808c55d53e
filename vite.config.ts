import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// SharedArrayBuffer (threads of the simd backend) needs a cross-origin isolated page.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  plugins: [react()],
  server: { headers: isolation },
  preview: { headers: isolation },
  worker: { format: 'es' },
  // The manifest is what the bundle budget is computed from (src/cli/bundleBudget.ts).
  build: { target: 'es2022', manifest: true, chunkSizeWarningLimit: 2000 },
  test: {
    globalSetup: ['src/cli/buildKernels.ts'],
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    testTimeout: 60_000,
    pool: 'forks',
  },
});
