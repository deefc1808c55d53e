// Tokenizers and what the original libraries make of them: from GOLDENS_DIR/tokenizers where it is set, else from the packed fixtures.
// SmolLM2's vocabulary and template: by Hugging Face, Apache-2.0. Everything else was made at random for this project.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const other = process.env.GOLDENS_DIR ? join(process.env.GOLDENS_DIR, 'tokenizers') : null;
const folder = other && existsSync(other) ? other : fixtures;

// The files hold tables of many forms; a test names the form it reads.
// biome-ignore lint/suspicious/noExplicitAny: as said above
export function readTokenizerGolden(path: string): any {
  const plain = join(folder, path);
  const bytes = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return JSON.parse(bytes.toString('utf8'));
}

/** Folders that hold a tokenizer.json and its cases. */
export function goldenTokenizers(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => readdirSync(join(folder, name)).some((file) => file.startsWith('cases.json')))
    .sort();
}

export interface GoldenCase {
  text: string;
  ids: number[];
  ids_with_special?: number[];
  decoded: string;
  decoded_skip_special?: string;
}
