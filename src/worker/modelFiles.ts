// Where a model's files come from: the folder shipped with the page, or what a person gave.

import { StudioError } from '../protocol/errors';
import type { ModelSource } from '../protocol/models';

/** Folder names under public/models/, and the ids people see. */
const SHIPPED = { bundled: 'dial-0.8m', left: 'left-0.8m' } as const;
const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const OPTIONAL = ['chat_template.jinja'];
const REPORT_EVERY_MS = 100;

export interface NamedModelFiles {
  id: string;
  files: Map<string, Uint8Array<ArrayBuffer>>;
}

/** What is read whole: the page's own model, or small files in its layout. */
export type WholeSource = Extract<ModelSource, { kind: 'bundled' | 'left' | 'files' }>;

type OnProgress = (loadedBytes: number, totalBytes: number | null) => void;

/** The site's root, seen from the worker's file: built workers lie in assets/, during development in src/worker/. */
function siteRoot(): URL {
  return new URL(import.meta.env.DEV ? '../../' : '../', globalThis.location.href);
}

function refused(name: string, url: URL, came: string): StudioError {
  return new StudioError(
    'model',
    `${name}: expected to fetch it from ${url.host}, got ${came}. Check the connection and try again.`,
  );
}

/** Opens a file; null when it is optional and not there. */
async function open(url: URL, name: string): Promise<Response | null> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw refused(name, url, error instanceof Error ? error.message : 'no answer');
  }
  if (response.status === 404 && OPTIONAL.includes(name)) return null;
  if (!response.ok) throw refused(name, url, `status ${response.status}`);
  return response;
}

async function readBody(response: Response, onBytes: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    length += part.value.length;
    onBytes(part.value.length);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function fetchShipped(id: string, onProgress: OnProgress): Promise<NamedModelFiles> {
  const folder = new URL(`models/${id}/`, siteRoot());
  const names = [...REQUIRED, ...OPTIONAL];
  const responses = await Promise.all(names.map((name) => open(new URL(name, folder), name)));
  // Lengths are those on the wire: of no use when the server compresses.
  const lengths = responses.map((response) =>
    response && !response.headers.get('content-encoding')
      ? Number(response.headers.get('content-length') ?? Number.NaN)
      : 0,
  );
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const totalBytes = Number.isFinite(total) && total > 0 ? total : null;
  let loaded = 0;
  let told = 0;
  const onBytes = (bytes: number) => {
    loaded += bytes;
    if (performance.now() - told < REPORT_EVERY_MS) return;
    told = performance.now();
    onProgress(loaded, totalBytes);
  };
  const files: NamedModelFiles['files'] = new Map();
  await Promise.all(
    names.map(async (name, i) => {
      const response = responses[i];
      if (!response) return;
      try {
        files.set(name, await readBody(response, onBytes));
      } catch (error) {
        throw refused(name, folder, `a connection that broke (${error instanceof Error ? error.message : error})`);
      }
    }),
  );
  onProgress(loaded, loaded);
  return { id, files };
}

/** SHA-256 of the weights' file, hexadecimal; null without a file, or where the browser hashes nothing (plain http). */
export async function hashOfWeights(files: NamedModelFiles['files']): Promise<string | null> {
  const bytes = files.get('model.safetensors');
  if (!bytes || !globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A short name made of the weights themselves, so that a stored run knows its model again. */
async function nameOfWeights(files: NamedModelFiles['files']): Promise<string> {
  const hash = await hashOfWeights(files);
  return hash ? `own-model-${hash.slice(0, 8)}` : 'own-model';
}

/** @throws StudioError('model') naming the file */
export async function readModelSource(source: WholeSource, onProgress: OnProgress): Promise<NamedModelFiles> {
  if (source.kind !== 'files') return fetchShipped(SHIPPED[source.kind], onProgress);
  const files = new Map(source.files.map(({ name, bytes }) => [name, new Uint8Array(bytes)] as const));
  return { id: await nameOfWeights(files), files };
}
