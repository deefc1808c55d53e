// npm run kill: ends worker and tab of a practising run at random moments and shows that nothing is lost (src/cli/kill/).
// -- --worker N --tab N --json (one event a line) --seed N --steps N (of the run) --calm N (longest milliseconds between two deaths)
import { parseArgs } from 'node:util';
import { preview } from 'vite';
import { buildSite } from './buildSite';
import { haveBrowser } from './findBrowser';
import { KillHarness } from './kill/killHarness';
import { root } from './runTool';

const { values } = parseArgs({
  options: {
    worker: { type: 'string', default: '100' },
    tab: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '60' },
    calm: { type: 'string', default: '2500' },
    json: { type: 'boolean', default: false },
  },
});

function whole(name: keyof typeof values, least: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`--${name}: expected a whole number from ${least}, got "${values[name]}".`);
}

/** A short run with a checkpoint after every step: small batches, few problems, so that a death costs little. */
function addressOf(base: string, steps: number): string {
  const small = { every: '5', problems: '8', test: '16', checkpoint: '1', threads: '2', 'set.problems': '4' };
  return `${base}?${new URLSearchParams({ seed: '1', steps: String(steps), ...small })}`;
}

async function kill(): Promise<void> {
  const [workerKills, tabKills, seed, steps] = [
    whole('worker', 0),
    whole('tab', 0),
    whole('seed', 0),
    whole('steps', 5),
  ];
  const browser = await haveBrowser();
  if (!browser || !(await buildSite())) throw new Error('kill: expected a browser and a built page, see above.');
  const server = await preview({ root, logLevel: 'error', preview: { port: 4180, host: 'localhost', open: false } });
  const started = performance.now();
  try {
    const address = addressOf(server.resolvedUrls?.local[0] ?? 'http://localhost:4180/', steps);
    const tell = (event: Record<string, unknown>) => {
      if (values.json) console.log(JSON.stringify(event));
      else
        console.log(
          Object.entries(event)
            .map(([name, value]) => `${name} ${value}`)
            .join('  '),
        );
    };
    const longestCalm = whole('calm', 1);
    const report = await KillHarness.run({ address, browser, workerKills, tabKills, seed, steps, longestCalm, tell });
    const { worker, tab, lost, doubled, compared } = report;
    const seconds = Math.round((performance.now() - started) / 1000);
    const complete = worker.resumed === worker.kills && tab.resumed === tab.kills;
    if (!complete || lost > 0 || doubled > 0 || compared === 0) process.exitCode = 1;
    console.log(JSON.stringify({ event: 'kill.finished', worker, tab, lost, doubled, compared, seconds }));
  } finally {
    server.httpServer.close();
  }
}

kill().catch((error: unknown) => {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
});
