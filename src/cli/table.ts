// npm run table -- score: SCoRe's tables 1 and 4 on the bundled model, one row after the other, every row with its own seeds.
// npm run table -- protocols: what more computing at inference is worth, before and after SCoRe (cli/protocolTable.ts).
// npm run table -- quality: data of mixed quality (cli/qualityTable.ts).
// -- score|protocols|quality [--seeds N] [--minutes M per row | --steps N] [--rows id,id] [--test N] [--task dial|left] [--threads N] [--json]
// What is done is kept in .cache/table and not done again. The order of the rows is reported as it comes out.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { meanOverRuns } from '../evaluation/intervals';
import { fnv1a } from '../lib/fnv1a';
import type { Adapter } from '../models/adapter';
import { loadModel, type ModelFiles } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import type { EvalSummary } from '../protocol/metrics';
import { runProgram, startNodeEngine, stopNodeEngine } from './nodeEngine';
import { clearProgress, showProgress } from './progress';
import { measureProtocols, measureReflexion, printProtocols, printReflexion } from './protocolTable';
import {
  measureQuality,
  overlapOf,
  printOverlap,
  printQuality,
  type QualityFigures,
  qualityRows,
} from './qualityTable';
import { root } from './runTool';
import { measureRow, type RowBudget, type RowResult, scoreRows, type TableRow, trainRow } from './scoreTable';

/** What comes with the page, by task. */
const SHIPPED = { dial: 'dial-0.8m', left: 'left-0.8m' } as const;
/** All rows of one seed within three quarters of an hour. */
const MINUTES_PER_ROW = 2.8;

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    steps: { type: 'string' },
    rows: { type: 'string', default: '' },
    test: { type: 'string', default: '1000' },
    task: { type: 'string', default: 'dial' },
    threads: { type: 'string' },
  },
});

function positive(name: string, text: string, isWhole: boolean): number {
  const value = Number(text);
  if (!(value > 0) || (isWhole && !Number.isInteger(value)))
    throw new RangeError(`--${name}: expected a ${isWhole ? 'whole ' : ''}number above 0, got "${text}".`);
  return value;
}

async function readModel(id: string): Promise<LanguageModel> {
  const folder = join(root, 'public', 'models', id);
  const files: ModelFiles = new Map();
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)));
  return loadModel(id, files);
}

function wantedRows(): readonly TableRow[] {
  if (args.rows === '') return scoreRows;
  return args.rows.split(',').map((id) => {
    const row = scoreRows.find((candidate) => candidate.id === id);
    if (!row) throw new RangeError(`--rows: expected some of ${scoreRows.map((r) => r.id).join(', ')}, got "${id}".`);
    return row;
  });
}

/** Where a row's result is kept: another budget, other settings or other weights give another file. */
function resultFile(row: TableRow, seed: number, budget: RowBudget, model: LanguageModel): string {
  const key = fnv1a(JSON.stringify([row.recipe, row.settings ?? {}, budget, model.id, model.bytes])).toString(16);
  return join(root, '.cache', 'table', `${row.id}-seed${seed}-${key}.json`);
}

function kept(file: string): RowResult | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const percent = (value: number, signed = false) => `${signed && value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;

/** One row over its seeds: means; the interval is over seeds, or, with one seed, over the problems (paired). */
function summarise(row: TableRow, results: readonly RowResult[], which: 'greedy' | 'sampled') {
  const of = (read: (summary: EvalSummary) => number) => meanOverRuns(results.map((result) => read(result[which])));
  const delta = of((summary) => summary.delta);
  const interval = delta.interval ?? results[0][which].deltaInterval;
  return {
    id: row.id,
    accuracy_t1: of((summary) => summary.accuracyT1).mean,
    accuracy_t2: of((summary) => summary.accuracyT2).mean,
    delta: delta.mean,
    delta_low: interval.low,
    delta_high: interval.high,
    i_to_c: of((summary) => summary.iToC).mean,
    c_to_i: of((summary) => summary.cToI).mean,
    unchanged: of((summary) => summary.unchangedRate).mean,
  };
}

function printTable(rows: readonly TableRow[], results: Map<string, RowResult[]>): void {
  for (const which of ['greedy', 'sampled'] as const) {
    console.log(`\n${which === 'greedy' ? 'Greedy' : 'T = 1'}, percent of ${args.test} test problems`);
    console.log(`${''.padEnd(28)}  Acc@t1  Acc@t2        Δ (95 %)               i→c   c→i  unchanged  steps`);
    for (const row of rows) {
      const list = results.get(row.id);
      if (!list) continue;
      const s = summarise(row, list, which);
      const range = `${percent(s.delta, true)} (${percent(s.delta_low, true)} to ${percent(s.delta_high, true)})`;
      const steps = Math.round(list.reduce((sum, { steps: count }) => sum + count, 0) / list.length);
      console.log(
        `${row.title.padEnd(28)}${percent(s.accuracy_t1).padStart(8)}${percent(s.accuracy_t2).padStart(8)}  ${range.padEnd(24)}${percent(s.i_to_c).padStart(5)}${percent(s.c_to_i).padStart(6)}${percent(s.unchanged).padStart(11)}${String(steps).padStart(7)}`,
      );
    }
  }
  console.log('\nEdit distance / (length 1 + length 2) of greedy second attempts: 0, then tenths up to 1');
  for (const row of rows) {
    const histograms = (results.get(row.id) ?? []).flatMap((result) =>
      result.editHistogram ? [result.editHistogram] : [],
    );
    if (histograms.length === 0) continue;
    const sums = histograms[0].map(
      (_, i) => histograms.reduce((sum, counts) => sum + counts[i], 0) / histograms.length,
    );
    console.log(`${row.title.padEnd(28)}${sums.map((sum) => String(Math.round(sum)).padStart(6)).join('')}`);
  }
}

const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const began = performance.now();
  const result = await work();
  if (!args.json) console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return result;
};

/** Base; a SCoRe policy of the first seed; and the base after it learned the words of Reflexion. */
async function protocols(model: LanguageModel, budget: RowBudget): Promise<void> {
  const base = await timed('base', () => measureProtocols(model, null, budget.testProblems));
  if (!args.json) printProtocols('Base', base);
  const trained = async <T>(recipe: string, measure: (adapter: Adapter) => Promise<T>) => {
    const began = performance.now();
    const onStep = (step: number, of: number) =>
      showProgress(
        step / of,
        ((performance.now() - began) / 1000) * (of / step - 1),
        `${recipe}, step ${step} of ${of}`,
      );
    return trainRow(model, { id: recipe, title: recipe, recipe }, 1, budget, onStep, async (adapter, { steps }) => {
      clearProgress();
      return { steps, figures: await measure(adapter) };
    });
  };
  const score = await timed('score', () =>
    trained('score', (adapter) => measureProtocols(model, adapter, budget.testProblems)),
  );
  if (!args.json) printProtocols(`SCoRe, ${score.steps} steps`, score.figures);
  const words = await timed('reflexion', () =>
    trained('reflexion', (adapter) => measureReflexion(model, adapter, budget.testProblems)),
  );
  if (!args.json) return printReflexion(`Reflexion, words of ${words.steps} steps`, words.figures);
  const rows = [
    { id: 'base', ...base },
    { id: 'score', steps: score.steps, ...score.figures },
    { id: 'reflexion', steps: words.steps, runs: words.figures },
  ];
  console.log(JSON.stringify({ event: 'table.finished', rows }));
}

/** C-RLFT's ablations, the map of its classes, and what models of right and wrong answers solve; one seed. */
async function quality(model: LanguageModel, budget: RowBudget): Promise<void> {
  const base = await measureQuality(model, null, budget.testProblems);
  const rows: QualityFigures[] = [{ id: 'base', title: 'base', steps: 0, seconds: 0, ...base }];
  for (const row of qualityRows) {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    const onStep = (step: number, of: number) =>
      showProgress(step / of, seconds() * (of / step - 1), `${row.title}, step ${step} of ${of}`);
    const figures = await trainRow(model, row, 1, budget, onStep, async (adapter, { steps }) => ({
      steps,
      ...(await measureQuality(model, adapter, budget.testProblems)),
    }));
    clearProgress();
    rows.push({ id: row.id, title: row.title, seconds: seconds(), ...figures });
    if (!args.json) console.log(`${row.title}: ${figures.steps} steps, ${Math.round(seconds())} s`);
  }
  const overlap = overlapOf(rows, 'positive', 'negative');
  if (args.json) {
    console.log(JSON.stringify({ event: 'table.finished', rows: rows.map(({ solved, ...r }) => r), overlap }));
    return;
  }
  printQuality(rows);
  printOverlap('right answers only, wrong answers only', overlap, budget.testProblems);
}

async function main(): Promise<void> {
  const [name] = positionals;
  if (name !== 'score' && name !== 'protocols' && name !== 'quality') {
    throw new RangeError(
      `table: expected the name of a table (score, protocols or quality), got "${name ?? ''}". Try npm run table -- score.`,
    );
  }
  if (args.minutes && args.steps) throw new RangeError('table: expected --minutes or --steps, got both.');
  if (args.task !== 'dial' && (args.task !== 'left' || name !== 'score')) {
    throw new RangeError(`--task: expected dial, or left with the table score, got "${args.task}".`);
  }
  const rows = wantedRows();
  const seeds = positive('seeds', args.seeds, true);
  const budget: RowBudget = {
    minutes: args.steps ? null : positive('minutes', args.minutes ?? String(MINUTES_PER_ROW), false),
    steps: args.steps ? positive('steps', args.steps, true) : null,
    testProblems: positive('test', args.test, true),
    // Named only where it is another: what was kept of Dial goes on being found.
    ...(args.task === 'left' ? { task: 'left' as const } : {}),
  };
  await startNodeEngine(args.threads ? positive('threads', args.threads, true) : null);
  const model = await readModel(args.task === 'left' ? SHIPPED.left : SHIPPED.dial);
  if (name === 'protocols') {
    await protocols(model, budget);
    model.dispose();
    return stopNodeEngine();
  }
  if (name === 'quality') {
    await quality(model, budget);
    model.dispose();
    return stopNodeEngine();
  }
  mkdirSync(join(root, '.cache', 'table'), { recursive: true });
  const results = new Map<string, RowResult[]>();
  let done = 0;
  const began = performance.now();
  for (let seed = 1; seed <= seeds; seed++) {
    for (const row of rows) {
      // Without training a seed changes nothing.
      if (row.recipe === null && seed > 1) continue;
      const file = resultFile(row, seed, budget, model);
      let result = kept(file);
      if (!result) {
        result = await measureRow(model, row, seed, budget, (step, of) => {
          const share = (done + step / of) / (rows.length * seeds);
          const left = ((performance.now() - began) / 1000) * (1 / share - 1);
          showProgress(share, left, `seed ${seed}, ${row.title}, step ${step} of ${of}`);
        });
        writeFileSync(file, JSON.stringify(result));
      }
      clearProgress();
      results.set(row.id, [...(results.get(row.id) ?? []), result]);
      if (args.json) console.log(JSON.stringify({ event: 'row.measured', ...result }));
      else {
        const { greedy } = result;
        console.log(
          `seed ${seed}  ${row.title.padEnd(28)}greedy ${percent(greedy.accuracyT1)} → ${percent(greedy.accuracyT2)}, ${result.steps} steps, ${Math.round(result.seconds)} s`,
        );
      }
      done++;
    }
  }
  model.dispose();
  stopNodeEngine();
  const finished = rows.map((row) => summarise(row, results.get(row.id) ?? [], 'greedy'));
  if (!args.json) return printTable(rows, results);
  const sampled = rows.map((row) => summarise(row, results.get(row.id) ?? [], 'sampled'));
  console.log(JSON.stringify({ event: 'table.finished', rows: finished, sampled }));
}

await runProgram(main);
