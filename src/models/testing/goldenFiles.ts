// Files of reference vectors: of the folder GOLDENS_DIR where that is set and has them, else the fixtures beside the tests (there
// possibly gzipped).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** @param fixtures folder of the fixtures, as a URL ending in a slash */
export function goldenFile(folder: string, name: string, fixtures: URL): Uint8Array<ArrayBuffer> {
  const other = process.env.GOLDENS_DIR ? join(process.env.GOLDENS_DIR, folder, name) : null;
  if (other && existsSync(other)) return new Uint8Array(readFileSync(other));
  const fixture = fileURLToPath(new URL(name, fixtures));
  return new Uint8Array(existsSync(fixture) ? readFileSync(fixture) : gunzipSync(readFileSync(`${fixture}.gz`)));
}

// The files hold tables of many forms; a test names the form it reads.
// biome-ignore lint/suspicious/noExplicitAny: as said above
export function goldenJson(folder: string, name: string, fixtures: URL): any {
  return JSON.parse(new TextDecoder().decode(goldenFile(folder, name, fixtures)));
}
