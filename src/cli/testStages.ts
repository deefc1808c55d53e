// The stages of `npm run check` and `npm test`. Each counts what passed and failed; none stops the next.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buildSite } from './buildSite';
import { EAGER_BUDGET_KB, measureBundle } from './bundleBudget';
import { root, runTool } from './runTool';
import { findUnusedExports } from './unusedExports';

export interface StageResult {
  passed: number;
  failed: number;
  /** Tests that did not run, with the reason in their own output. */
  skipped?: number;
}

export interface Stage {
  name: string;
  run(): Promise<StageResult>;
}

const fromCode = (code: number): StageResult => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
const MAP_TEST = 'src/architecture.test.ts';

/** A report file a test runner writes; removed first, so that an old one is never counted. */
function reportFile(name: string): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const file = join(root, '.cache', `${name}.json`);
  rmSync(file, { force: true });
  return file;
}

/** Reads counts; a runner that fails without a failed test (a file that does not load, a crash) counts as one. */
function readReport(file: string, code: number, read: (report: never) => StageResult): StageResult {
  let result: StageResult = { passed: 0, failed: 0 };
  try {
    result = read(JSON.parse(readFileSync(file, 'utf8')) as never);
  } catch (error) {
    console.error(`report: expected ${file}, could not read it (${error instanceof Error ? error.message : error}).`);
    return { passed: 0, failed: 1 };
  }
  if (code !== 0 && result.failed === 0) result.failed = 1;
  return result;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

async function runVitest(name: string, args: string[]): Promise<StageResult> {
  const file = reportFile(name);
  const code = await runTool('vitest', [
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${file}`,
  ]);
  return readReport(file, code, (report: VitestReport) => ({
    passed: report.numPassedTests,
    failed:
      report.numFailedTests +
      report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

/** A port nobody listens on now, so that two test runs on one machine do not meet. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, 'localhost', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(address)));
    });
  });
}

async function runPlaywright(browser: string): Promise<StageResult> {
  const file = reportFile('playwright');
  const env = { CHROME_PATH: browser, E2E_PORT: String(await freePort()), PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const code = await runTool('playwright', ['test', '--reporter=list,json'], env);
  return readReport(file, code, ({ stats }: PlaywrightReport) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

async function checkBundle(): Promise<StageResult> {
  const { eager, lazy } = measureBundle();
  const sum = (sizes: Record<string, number>) => Object.values(sizes).reduce((a, b) => a + b, 0);
  for (const [file, kb] of Object.entries(eager)) console.log(`  eager  ${kb.toFixed(1).padStart(7)} kB  ${file}`);
  for (const [file, kb] of Object.entries(lazy)) console.log(`  later  ${kb.toFixed(1).padStart(7)} kB  ${file}`);
  const total = sum(eager);
  console.log(
    `Eager JavaScript: ${total.toFixed(1)} kB gzip of ${EAGER_BUDGET_KB}; loaded later: ${sum(lazy).toFixed(1)} kB.`,
  );
  return fromCode(total <= EAGER_BUDGET_KB ? 0 : 1);
}

async function checkUnusedExports(): Promise<StageResult> {
  const unused = findUnusedExports();
  for (const sentence of unused) console.error(sentence);
  return fromCode(unused.length);
}

/** Quick stages, in this order, without a browser. */
export const checkStages: Stage[] = [
  { name: 'format and lint', run: async () => fromCode(await runTool('biome', ['ci', '--colors=off', '.'])) },
  { name: 'types', run: async () => fromCode(await runTool('tsc', ['--noEmit'])) },
  { name: 'architecture map', run: () => runVitest('map', [MAP_TEST]) },
  { name: 'unused exports', run: checkUnusedExports },
  { name: 'unit tests', run: () => runVitest('unit', ['--exclude', MAP_TEST]) },
];

/** @param browser null: the browser tests count as one failure. */
export function browserStages(browser: string | null): Stage[] {
  let built = false;
  return [
    {
      name: 'build',
      run: async () => {
        built = await buildSite();
        return fromCode(built ? 0 : 1);
      },
    },
    { name: 'bundle budget', run: () => (built ? checkBundle() : notRun('the build failed')) },
    {
      name: 'browser tests',
      run: () => {
        if (!browser) return notRun('there is no browser');
        return built ? runPlaywright(browser) : notRun('the build failed');
      },
    },
    {
      name: 'kill harness',
      run: () => {
        if (!browser) return notRun('there is no browser');
        return built ? runKills(browser) : notRun('the build failed');
      },
    },
    {
      name: 'memory',
      run: async () => {
        if (!browser) return notRun('there is no browser');
        if (!built) return notRun('the build failed');
        return fromCode(await runTool('tsx', ['src/cli/soak.ts', '--minutes', '3'], { CHROME_PATH: browser }));
      },
    },
  ];
}

/** Ten deaths of the worker and three of the tab; `npm run kill` does more. */
async function runKills(browser: string): Promise<StageResult> {
  const few = ['--worker', '10', '--tab', '3', '--steps', '40', '--calm', '1500'];
  return fromCode(await runTool('tsx', ['src/cli/kill.ts', ...few], { CHROME_PATH: browser }));
}

async function notRun(reason: string): Promise<StageResult> {
  console.error(`Not run, because ${reason}.`);
  return { passed: 0, failed: 1 };
}

/** Runs all stages, prints a table, and ends with the line `N passed, N failed`. Sets the exit code. */
export async function runStages(stages: Stage[]): Promise<void> {
  const rows: string[] = [];
  const total = { passed: 0, failed: 0 };
  for (const { name, run } of stages) {
    console.log(`\n== ${name}`);
    const started = performance.now();
    const result = await run().catch((error: unknown): StageResult => {
      console.error(error instanceof Error ? error.message : error);
      return { passed: 0, failed: 1 };
    });
    total.passed += result.passed;
    total.failed += result.failed;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const skipped = result.skipped ? `, ${result.skipped} skipped` : '';
    rows.push(
      `${name.padEnd(18)}${`${seconds} s`.padStart(9)}   ${result.passed} passed, ${result.failed} failed${skipped}`,
    );
  }
  console.log(`\n${rows.join('\n')}\n`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
  console.log(`${total.passed} passed, ${total.failed} failed`);
}
