// Builds kernels and page into dist/, unless nothing they depend on has changed since the last build.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runTool } from './runTool';

const inputs = ['src', 'public', 'index.html', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json'];
const stampFile = join(root, '.cache', 'site.sha256');

function* filesUnder(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) yield path;
  else for (const name of readdirSync(path).sort()) yield* filesUnder(join(path, name));
}

/** A hash over names and contents of everything the build reads (compiled kernels and tests are left out). */
function hashInputs(): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) {
      if (/\.test\.tsx?$/.test(file) || file.includes(join('simd', 'wasm'))) continue;
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** @returns whether dist/ is there and up to date afterwards. */
export async function buildSite(): Promise<boolean> {
  const hash = hashInputs();
  const built = existsSync(join(root, 'dist', 'index.html'));
  if (built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) {
    console.log('Build: up to date.');
    return true;
  }
  rmSync(stampFile, { force: true });
  if ((await runTool('tsx', ['src/cli/buildKernels.ts'])) !== 0) return false;
  if ((await runTool('vite', ['build', '--logLevel', 'warn'])) !== 0) return false;
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stampFile, hash);
  return true;
}
