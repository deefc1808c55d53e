// How much JavaScript the page loads before it can be used: the closure of static imports from dist/index.html.
// Workers and whatever is imported dynamically are not part of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './runTool';

/** kB = 1000 bytes, gzip at its default level. */
export const EAGER_BUDGET_KB = 220;

interface ManifestChunk {
  file: string;
  imports?: string[];
  isEntry?: boolean;
}

const gzipKb = (path: string) => gzipSync(readFileSync(path)).length / 1000;

/** Sizes in kB after gzip: the eager scripts, and everything else under dist/assets for information. */
export function measureBundle(dist = join(root, 'dist')): {
  eager: Record<string, number>;
  lazy: Record<string, number>;
} {
  const manifestPath = join(dist, '.vite', 'manifest.json');
  if (!existsSync(manifestPath)) throw new Error(`bundle: expected ${manifestPath}, found none. Run npm run build.`);
  const manifest: Record<string, ManifestChunk> = JSON.parse(readFileSync(manifestPath, 'utf8'));
  const eagerFiles = new Set<string>();
  const visit = (key: string) => {
    const chunk = manifest[key];
    if (!chunk || eagerFiles.has(chunk.file)) return;
    eagerFiles.add(chunk.file);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit('index.html');
  // Whatever index.html itself names counts too, even if the manifest does not know it.
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  for (const match of html.matchAll(/(?:src|href)="\.?\/?([^"]+\.m?js)"/g)) eagerFiles.add(match[1]);
  if (eagerFiles.size === 0) throw new Error('bundle: expected index.html to load at least one script, found none.');
  const eager = Object.fromEntries([...eagerFiles].map((file) => [file, gzipKb(join(dist, file))]));
  const lazy = Object.fromEntries(
    readdirSync(join(dist, 'assets'))
      .map((name) => `assets/${name}`)
      .filter((file) => /\.m?js$/.test(file) && !eagerFiles.has(file))
      .map((file) => [file, gzipKb(join(dist, file))]),
  );
  return { eager, lazy };
}
