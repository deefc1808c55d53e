// Asking a server of models: ranges, redirects, what to do when it says no, and going on where a connection broke.
import type { ByteSource } from '../lib/byteSource';
import { StudioError } from '../protocol/errors';

export interface Asking {
  /** Sent to the host of the first address only: browsers and Node drop it when a redirect leaves that host. */
  token: string | null;
  signal: AbortSignal | null;
  fetch: typeof fetch;
  /** Waits; replaced in tests. */
  wait(ms: number): Promise<void>;
}

const ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;
/** A server that asks for more patience than this is told to a person. */
const LONGEST_WAIT_MS = 60_000;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function createAsking(part: Partial<Asking> = {}): Asking {
  return { token: null, signal: null, fetch: (...input) => globalThis.fetch(...input), wait, ...part };
}

/** The last part of an address, as people know the file. */
const nameOf = (url: string): string => decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? url);

const refusal = (url: string, came: string, advice: string): StudioError =>
  new StudioError('model', `${nameOf(url)}: expected to fetch it from ${new URL(url).host}, got ${came}. ${advice}`);

/** A sentence for every answer that is none. */
function explain(url: string, response: Response, asking: Asking): StudioError {
  const withToken = asking.token !== null;
  switch (response.status) {
    case 401:
      return refusal(
        url,
        'status 401: it does not know who asks',
        withToken
          ? 'The access token is not valid (any more): make a new one at the host.'
          : 'The model is private, gated, or does not exist: check the name, or give an access token.',
      );
    case 403:
      return refusal(
        url,
        'status 403: this account may not read it',
        'Open the model’s page at the host, accept its terms, and give a token that may read it.',
      );
    case 404:
      return refusal(url, 'status 404: there is no such model, revision or file', 'Check the spelling of owner/name.');
    case 416:
      return refusal(
        url,
        'status 416: the file is shorter than it was',
        'It changed at the host; delete the model here and fetch it again.',
      );
    case 429:
      return refusal(url, 'status 429: too many requests', 'Wait some minutes; with an access token hosts allow more.');
    default:
      return refusal(
        url,
        `status ${response.status}`,
        response.status >= 500 ? 'The host has a fault; try again later.' : 'Try another host.',
      );
  }
}

/** A failed fetch says nothing of its cause: both likely ones are named. */
function explainSilence(url: string, error: unknown): StudioError {
  if (globalThis.navigator?.onLine === false)
    return refusal(url, 'no connection', 'Connect, or take a model that is kept here.');
  const came = error instanceof Error ? error.message : String(error);
  return refusal(
    url,
    `no answer ("${came}")`,
    'The host is not to be reached, or does not allow pages of other origins to read it (CORS). Check the address, or download the files and choose them here.',
  );
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Seconds, or a date; null: nothing said. */
function retryAfterMs(response: Response): number | null {
  const said = response.headers.get('retry-after');
  if (!said) return null;
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** Asks again after 429, 5xx and silence. @param range bytes from, and to (included) or the end */
async function ask(url: string, asking: Asking, range: { from: number; to: number | null } | null): Promise<Response> {
  const headers = new Headers();
  if (asking.token) headers.set('Authorization', `Bearer ${asking.token}`);
  if (range) headers.set('Range', `bytes=${range.from}-${range.to ?? ''}`);
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === ATTEMPTS;
    let patience = FIRST_WAIT_MS * 2 ** (attempt - 1);
    try {
      const response = await asking.fetch(url, { headers, signal: asking.signal, credentials: 'omit' });
      if (response.ok) return response;
      void response.body?.cancel();
      if (response.status !== 429 && response.status < 500) throw explain(url, response, asking);
      patience = retryAfterMs(response) ?? patience;
      if (isLast || patience > LONGEST_WAIT_MS) throw explain(url, response, asking);
    } catch (error) {
      if (error instanceof StudioError || isAbort(error)) throw error;
      if (isLast) throw explainSilence(url, error);
    }
    await asking.wait(patience);
    asking.signal?.throwIfAborted();
  }
}

/** A JSON answer and the address of its next page. @param most bytes */
export async function askJson(
  url: string,
  asking: Asking,
  most: number,
): Promise<{ json: unknown; next: string | null }> {
  const response = await ask(url, asking, null);
  const bytes = await readUpTo(response, most, url);
  try {
    const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '');
    return { json: JSON.parse(new TextDecoder().decode(bytes)), next: link && new URL(link[1], url).href };
  } catch {
    throw refusal(
      url,
      'an answer that is no JSON',
      'This host does not answer the way Hugging Face does; check the address.',
    );
  }
}

/** A whole file in memory, for servers that give no parts of one. */
export async function askWhole(url: string, size: number, asking: Asking): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const piece of streamFile(url, size, 0, asking)) {
    const part = piece.subarray(0, size - at);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function readUpTo(response: Response, most: number, url: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of piecesOf(response)) {
    length += part.length;
    if (length > most) throw refusal(url, `more than ${most} bytes`, 'Check the address.');
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function* piecesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** The bytes from `from` to the end. A broken connection is taken up again at the next byte. */
export async function* streamFile(url: string, size: number, from: number, asking: Asking): AsyncGenerator<Uint8Array> {
  let at = from;
  let failures = 0;
  let hasRanges = true;
  while (at < size) {
    const response = await ask(url, asking, at > 0 && hasRanges ? { from: at, to: null } : null);
    // A part of a compressed body is no part of the file; a server without ranges begins at the beginning.
    if (response.status === 206 && response.headers.get('content-encoding')) {
      hasRanges = false;
      void response.body?.cancel();
      continue;
    }
    let skip = response.status === 206 ? 0 : at;
    try {
      for await (const piece of piecesOf(response)) {
        const fresh = piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - fresh.length;
        if (fresh.length === 0) continue;
        at += fresh.length;
        failures = 0;
        yield fresh;
      }
    } catch (error) {
      if (error instanceof StudioError || isAbort(error)) throw error;
      if (++failures >= ATTEMPTS) throw explainSilence(url, error);
      await asking.wait(FIRST_WAIT_MS * 2 ** (failures - 1));
      continue;
    }
    if (at < size && ++failures >= ATTEMPTS)
      throw refusal(url, `${at} of ${size} bytes`, 'Try again; it goes on from there.');
  }
}

/** A file at a server, read by ranges. What a broken connection or a hasty server refuses is asked for again. */
export function httpBytes(name: string, url: string, size: number, asking: Asking): ByteSource {
  return {
    name,
    size,
    async read(offset, length) {
      if (length === 0) return new Uint8Array(0);
      for (let failures = 0; ; ) {
        const response = await ask(url, asking, { from: offset, to: offset + length - 1 });
        if (response.status !== 206 && offset > 0) {
          void response.body?.cancel();
          throw refusal(
            url,
            'the whole file where a part of it was asked for',
            'Choose a host that answers ranges, or make room so that the file can be kept.',
          );
        }
        try {
          return await readBeginning(response, length);
        } catch (error) {
          if (isAbort(error)) throw error;
          if (++failures >= ATTEMPTS) throw explainSilence(url, error);
          await asking.wait(FIRST_WAIT_MS * 2 ** (failures - 1));
        }
      }
    },
  };
}

/** The first bytes of a body; the rest is not waited for. */
async function readBeginning(response: Response, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of piecesOf(response)) {
    const part = piece.subarray(0, length - at);
    bytes.set(part, at);
    at += part.length;
    if (at === length) return bytes;
  }
  throw new Error(`${at} of ${length} bytes came`);
}

/** Whether parts of a file can be asked for. */
export async function hasRanges(url: string, asking: Asking): Promise<boolean> {
  const response = await ask(url, asking, { from: 0, to: 0 });
  void response.body?.cancel();
  return response.status === 206;
}
