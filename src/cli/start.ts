// `npm start`: builds what changed, serves the page on this machine and opens it.
//   -- --no-open   do not open a browser      -- --port N   another port than 4173 (a taken one moves on)
import { parseArgs } from 'node:util';
import { preview } from 'vite';
import { buildSite } from './buildSite';
import { root } from './runTool';

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new RangeError(
    `--port: expected a whole number from 1 to 65535, got "${text}". Example: npm start -- --port 8080`,
  );
}

async function start(): Promise<void> {
  const { values } = parseArgs({
    options: { 'no-open': { type: 'boolean', default: false }, port: { type: 'string', default: '4173' } },
  });
  const port = readPort(values.port);
  if (!(await buildSite())) {
    throw new Error('build: expected it to succeed, it failed (see above). After `npm ci` it should; else report it.');
  }
  // "localhost" counts as a secure place in every browser; WebGPU and shared memory need one.
  const server = await preview({
    root,
    logLevel: 'warn',
    preview: { port, host: 'localhost', open: !values['no-open'] },
  });
  const address = server.resolvedUrls?.local[0] ?? `http://localhost:${port}/`;
  const got = Number(new URL(address).port);
  if (got !== port) console.log(`Port ${port} is taken, moved to ${got}.`);
  console.log(`\n  Second Thought: ${address}\n  Ctrl+C stops it.\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
}

start().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
