// A hub of models on this machine: listings and files as Hugging Face gives them (files by a redirect to another origin), and every
// way a server can be unkind. Serves Node's tests and the browser's.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeHubSettings {
  files: Map<string, Uint8Array>;
  /** Names of files that the listing gives a SHA-256 for, as it does for large ones. */
  large?: (name: string) => boolean;
  licence?: string;
  /** Only requests with this token are answered. */
  token?: string;
}

export interface FakeHub {
  host: string;
  repo: string;
  commit: string;
  /** What it holds; may be changed on the way. */
  files: Map<string, Uint8Array>;
  /** What was asked: path, range, whether a token came along, and which server. */
  requests: { server: 'hub' | 'cdn'; path: string; range: string | null; hasToken: boolean }[];
  /** Answers to come, in order, instead of the right ones. */
  faults: { status: number; retryAfter?: string }[];
  /** The next bodies of files end after so many bytes, the connection is cut. */
  cuts: number[];
  /** How slowly bodies come; null = at once. */
  pace: { bytes: number; everyMs: number } | null;
  ranges: boolean;
  /** Pages of other origins may read. */
  cors: boolean;
  /** Bytes of files sent so far. */
  sent: number;
  close(): Promise<void>;
}

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const listen = (server: Server) =>
  new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });

export async function startFakeHub(settings: FakeHubSettings): Promise<FakeHub> {
  const { files, large = (name) => name.endsWith('.safetensors') || name.endsWith('.gguf'), licence, token } = settings;
  const repo = 'someone/model';
  const commit = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';

  const listing = () =>
    [...files].map(([path, bytes]) => ({
      type: 'file',
      path,
      size: bytes.length,
      oid: sha1(bytes),
      ...(large(path) ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {}),
    }));

  function allow(request: IncomingMessage, response: ServerResponse): void {
    if (!hub.cors) return;
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Access-Control-Allow-Headers', 'Authorization, Range');
    response.setHeader('Access-Control-Expose-Headers', 'Content-Range, Link, Retry-After');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  }

  function note(server: 'hub' | 'cdn', request: IncomingMessage): void {
    const { range = null, authorization } = request.headers;
    hub.requests.push({ server, path: request.url ?? '', range, hasToken: authorization !== undefined });
  }

  function end(response: ServerResponse, status: number, body = ''): void {
    response.writeHead(status).end(body);
  }

  function trickle(
    response: ServerResponse,
    body: Uint8Array,
    { bytes, everyMs }: { bytes: number; everyMs: number },
  ): void {
    let at = 0;
    const timer = setInterval(() => {
      response.write(body.subarray(at, at + bytes));
      at += bytes;
      if (at >= body.length) response.end();
      if (at >= body.length || response.destroyed) clearInterval(timer);
    }, everyMs);
  }

  const hubServer = createServer((request, response) => {
    allow(request, response);
    if (request.method === 'OPTIONS') return end(response, 204);
    note('hub', request);
    const fault = hub.faults.shift();
    if (fault) {
      if (fault.retryAfter) response.setHeader('Retry-After', fault.retryAfter);
      return end(response, fault.status);
    }
    if (token && request.headers.authorization !== `Bearer ${token}`) return end(response, 401);
    const path = decodeURIComponent(new URL(request.url ?? '', hub.host).pathname);
    if (path === `/api/models/${repo}/revision/main`) {
      return end(response, 200, JSON.stringify({ sha: commit, ...(licence ? { tags: [`license:${licence}`] } : {}) }));
    }
    if (path === `/api/models/${repo}/tree/${commit}`) return end(response, 200, JSON.stringify(listing()));
    const name = path.replace(`/${repo}/resolve/${commit}/`, '');
    if (!files.has(name)) return end(response, 404);
    response.setHeader('Location', `${cdn}/${encodeURIComponent(name)}`);
    return end(response, 302);
  });

  const cdnServer = createServer((request, response) => {
    allow(request, response);
    if (request.method === 'OPTIONS') return end(response, 204);
    note('cdn', request);
    const bytes = files.get(decodeURIComponent((request.url ?? '').slice(1)));
    if (!bytes) return end(response, 404);
    const [, from, to] = (hub.ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
    const first = from === undefined ? 0 : Number(from);
    const last = to ? Math.min(Number(to), bytes.length - 1) : bytes.length - 1;
    if (from !== undefined) {
      if (first >= bytes.length) return end(response, 416);
      response.setHeader('Content-Range', `bytes ${first}-${last}/${bytes.length}`);
    }
    const body = bytes.subarray(first, last + 1);
    response.writeHead(from === undefined ? 200 : 206, { 'Content-Length': body.length });
    const cut = hub.cuts.length > 0 && body.length > 1 ? hub.cuts.shift()! : body.length;
    hub.sent += Math.min(cut, body.length);
    if (hub.pace && cut >= body.length) return trickle(response, body, hub.pace);
    if (cut >= body.length) return void response.end(body);
    response.write(body.subarray(0, cut), () => response.destroy());
  });

  const cdn = await listen(cdnServer);
  const hub: FakeHub = {
    host: await listen(hubServer),
    repo,
    commit,
    files,
    requests: [],
    faults: [],
    cuts: [],
    pace: null,
    ranges: true,
    cors: true,
    sent: 0,
    async close() {
      await close(hubServer);
      await close(cdnServer);
    },
  };
  return hub;
}
