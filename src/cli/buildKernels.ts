// Compiles the AssemblyScript kernels to src/backend/simd/wasm/{plain,relaxed}.wasm. Does nothing when the sources have
// not changed since. `npm run build:kernels`; also run once before the unit tests (vitest's globalSetup).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const output = path.join(root, 'src/backend/simd/wasm');

/** 65536 pages = 4 GiB is the most a 32-bit memory can have; the real maximum is chosen at the start (startSimd). */
const OPTIONS = [
  ...['--runtime', 'stub', '--importMemory', '--noExportMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', '65536', '--memoryBase', '4096'],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert', '--use', 'abort='],
];
const VARIANTS = { plain: 'simd,threads', relaxed: 'simd,threads,relaxed-simd' };

function sourceHash(): string {
  const hash = createHash('sha256').update(JSON.stringify([OPTIONS, VARIANTS]));
  hash.update(readFileSync(path.join(root, 'node_modules/assemblyscript/package.json')));
  const files = ['src/backend/simd', 'src/ops'].flatMap((folder) => findSources(path.join(root, folder)));
  for (const file of files.sort()) hash.update(path.relative(root, file)).update(readFileSync(file));
  return hash.digest('hex');
}

/** Everything the compiler may read below this folder. */
function findSources(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.as.ts')).map((name) => path.join(folder, name));
}

function compile(variant: string, features: string): Promise<void> {
  const compiler = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
  const draft = path.join(output, `${variant}.${process.pid}.draft.wasm`);
  const args = ['src/ops/kernels.as.ts', '--outFile', path.relative(root, draft)];
  const child = spawn(process.execPath, [compiler, ...args, ...OPTIONS, '--enable', features], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code !== 0) {
        reject(new Error(`build:kernels: asc ended with ${code} for the ${variant} binary. Its messages are above.`));
        return;
      }
      // Whoever starts an engine at this moment finds the old binary or the new one, never half of one.
      renameSync(draft, path.join(output, `${variant}.wasm`));
      resolve();
    });
  });
}

/** @returns false when the binaries were up to date */
export default async function buildKernels(): Promise<boolean> {
  const hash = sourceHash();
  const stamp = path.join(output, 'sources.sha256');
  const built = Object.keys(VARIANTS).every((variant) => existsSync(path.join(output, `${variant}.wasm`)));
  if (built && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  mkdirSync(output, { recursive: true });
  await Promise.all(Object.entries(VARIANTS).map(([variant, features]) => compile(variant, features)));
  writeFileSync(stamp, hash);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now();
  const built = await buildKernels();
  console.log(
    built ? `kernels built in ${((performance.now() - start) / 1000).toFixed(1)} s` : 'kernels are up to date',
  );
}
