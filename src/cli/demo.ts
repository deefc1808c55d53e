// npm run demo: the lesson without a browser, on the same code. SCoRe on the bundled model, then a table of what changed.
// -- --json (one event a line) --task dial|left --minutes N | --steps N --seed N --recipe ID --threads N --set name=value …
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel, type ModelFiles } from '../models/loadModel';
import type { Evaluation, RunConfig, RunEvent } from '../protocol/events';
import { checkSettings, type Settings } from '../protocol/fields';
import type { EvalSummary } from '../protocol/metrics';
import { recipeById } from '../recipes/index';
import { planSteps } from '../worker/planSteps';
import { RunSession } from '../worker/runSession';
import { runProgram, startNodeEngine, stopNodeEngine } from './nodeEngine';
import { clearProgress, formatSeconds, showProgress } from './progress';

/** What comes with the page, by task. */
const SHIPPED = { dial: { model: 'dial-0.8m', level: 6 }, left: { model: 'left-0.8m', level: 4 } } as const;
const TEST_PROBLEMS = 1000;

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    steps: { type: 'string' },
    seed: { type: 'string', default: '1' },
    recipe: { type: 'string', default: 'score' },
    threads: { type: 'string' },
    task: { type: 'string', default: 'dial' },
    model: { type: 'string' },
    'evaluate-every': { type: 'string', default: '10' },
    set: { type: 'string', multiple: true, default: [] },
  },
});

if (args.task !== 'dial' && args.task !== 'left') {
  throw new RangeError(`--task: expected dial or left, got "${args.task}".`);
}
const task: keyof typeof SHIPPED = args.task;
const MODEL = SHIPPED[task].model;

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min)
    throw new RangeError(`--${name}: expected a whole number from ${min}, got "${text}".`);
  return value;
}

/** name=value pairs as settings of the recipe. */
function givenSettings(pairs: string[]): Settings {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, text] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const value =
        text === 'true'
          ? true
          : text === 'false'
            ? false
            : text !== '' && Number.isFinite(Number(text))
              ? Number(text)
              : text;
      return [name, value];
    }),
  );
}

async function readModel(folder: string): Promise<ModelFiles> {
  const files: ModelFiles = new Map();
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)));
  return files;
}

/** The closing event's form of one evaluation: fractions, snake case, sampled inside. */
function figures({ greedy, sampled }: Evaluation) {
  const flat = (s: EvalSummary) => ({
    accuracy_t1: s.accuracyT1,
    accuracy_t2: s.accuracyT2,
    delta: s.delta,
    i_to_c: s.iToC,
    c_to_i: s.cToI,
    n: s.n,
    delta_low: s.deltaInterval.low,
    delta_high: s.deltaInterval.high,
  });
  return { ...flat(greedy), sampled: flat(sampled) };
}

function table(before: Evaluation, after: Evaluation): string {
  const percent = (x: number) => (100 * x).toFixed(1).padStart(6);
  const interval = ({ low, high }: { low: number; high: number }) =>
    `(${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
  const line = (name: string, s: EvalSummary) =>
    `${name.padEnd(18)}${percent(s.accuracyT1)} ${interval(s.accuracyT1Interval).padEnd(16)}${percent(s.accuracyT2)} ${interval(s.accuracyT2Interval).padEnd(16)}${percent(s.delta)} ${interval(s.deltaInterval).padEnd(17)}${percent(s.iToC)}${percent(s.cToI)}`;
  return [
    `${''.padEnd(18)}${'Acc@t1'.padStart(6)} ${''.padEnd(16)}${'Acc@t2'.padStart(6)} ${''.padEnd(16)}${'Δ'.padStart(6)} ${''.padEnd(17)}${'i→c'.padStart(6)}${'c→i'.padStart(6)}`,
    line('before, greedy', before.greedy),
    line('after,  greedy', after.greedy),
    line('before, T = 1', before.sampled),
    line('after,  T = 1', after.sampled),
    `Percent of ${before.greedy.n} test problems; in brackets 95 % intervals.`,
  ].join('\n');
}

function report(event: RunEvent, totalSteps: number): void {
  if (args.json) {
    console.log(JSON.stringify(event));
    return;
  }
  if (event.type === 'run.stepped') {
    showProgress(event.step / totalSteps, event.secondsLeft, `step ${event.step} of ${totalSteps}, ${event.stage}`);
  } else if (event.type === 'run.evaluated') {
    clearProgress();
    const { greedy, sampled, step } = event.evaluation;
    const pair = (s: EvalSummary) => `${(100 * s.accuracyT1).toFixed(1)} → ${(100 * s.accuracyT2).toFixed(1)}`;
    console.log(
      `step ${String(step).padStart(4)}  greedy ${pair(greedy)}   T = 1 ${pair(sampled)}   (validation, n = ${greedy.n})`,
    );
  }
}

async function main(): Promise<void> {
  if (args.minutes && args.steps) throw new RangeError('demo: expected --minutes or --steps, got both.');
  const recipe = recipeById(args.recipe);
  const engine = await startNodeEngine(args.threads ? wholeNumber('threads', args.threads, 1) : null);
  const model = loadModel(MODEL, await readModel(args.model ?? join('public', 'models', MODEL)));
  const minutes = args.steps ? null : Number(args.minutes ?? 5);
  const config: RunConfig = {
    id: 'demo',
    recipe: recipe.id,
    settings: checkSettings(recipe.fields, givenSettings(args.set)),
    seed: wholeNumber('seed', args.seed, 0),
    totalSteps: args.steps ? wholeNumber('steps', args.steps, 1) : 0,
    minutes,
    model: MODEL,
    ...(task === 'dial' ? {} : { task }),
    level: SHIPPED[task].level,
    evaluateEvery: wholeNumber('evaluate-every', args['evaluate-every'], 1),
    evaluationProblems: 500,
    checkpointEvery: 1000,
    createdAt: new Date().toISOString(),
  };
  if (minutes !== null) {
    if (!(minutes > 0)) throw new RangeError(`--minutes: expected a number above 0, got "${args.minutes}".`);
    const plan = await planSteps(config, model, minutes * 60 - performance.now() / 1000, TEST_PROBLEMS);
    config.totalSteps = plan.steps;
  }
  const said = `${recipe.title.en} on ${MODEL}, seed ${config.seed}: ${config.totalSteps} steps${minutes === null ? '' : ` (${minutes} minutes on this machine)`}, ${engine.threads} threads`;
  if (args.json)
    console.log(JSON.stringify({ event: 'demo.started', steps: config.totalSteps, seed: config.seed, ...engine }));
  else console.log(said);
  const session = await RunSession.create({ config, model, logProbTolerance: 1e-5, testProblems: TEST_PROBLEMS });
  for await (const item of session.events()) {
    if (!('event' in item)) continue;
    const { event } = item;
    if (event.type !== 'run.finished') {
      report(event, config.totalSteps);
      continue;
    }
    clearProgress();
    const seconds = performance.now() / 1000;
    const { before, after, comparison, tokens } = event;
    if (args.json) {
      const ends = {
        base: figures(before),
        trained: figures(after),
        seconds,
        tokens,
        seed: config.seed,
        steps: config.totalSteps,
      };
      console.log(JSON.stringify({ event: 'demo.finished', ...ends }));
      continue;
    }
    const { low, high } = comparison.gainInterval;
    console.log(`\n${table(before, after)}`);
    console.log(
      `Second attempts, greedy, same problems: ${comparison.gained} gained, ${comparison.lost} lost, ${(100 * comparison.gain).toFixed(1)} points (95 %: ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}), exact McNemar p = ${comparison.pValue.toExponential(1)}.`,
    );
    console.log(`${tokens.toLocaleString('en')} tokens, ${formatSeconds(seconds)}, seed ${config.seed}.`);
  }
  session.dispose();
  stopNodeEngine();
}

await runProgram(main);
