// What an imported row must look like before it may be stored: every field the page knows has its type, every column its length.
// Fields it does not know pass as the plain data they are. Throws StudioError('input') that names the field.
import { StudioError } from '../../protocol/errors';

type Row = Record<string, unknown>;
export type Check = (value: unknown, where: string) => void;

function refuse(where: string, expected: string, got: unknown): never {
  const shown = ArrayBuffer.isView(got) ? got.constructor.name : (JSON.stringify(got)?.slice(0, 60) ?? typeof got);
  throw new StudioError(
    'input',
    `imported ${where}: expected ${expected}, got ${shown}. The file is damaged or was made by something else; nothing was changed.`,
  );
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function rowOf(value: unknown, where: string): Row {
  return isRow(value) ? value : refuse(where, 'named fields', value);
}

export const number: Check = (value, where) => {
  if (typeof value !== 'number') refuse(where, 'a number', value);
};
export const whole: Check = (value, where) => {
  if (!Number.isSafeInteger(value) || Number(value) < 0) refuse(where, 'a whole number from 0', value);
};
export const text: Check = (value, where) => {
  if (typeof value !== 'string' || value.length > 1_000_000) refuse(where, 'text', value);
};
export const oneOf =
  (...allowed: unknown[]): Check =>
  (value, where) => {
    if (!allowed.includes(value)) refuse(where, `one of ${allowed.join(', ')}`, value);
  };
export const orNull =
  (check: Check): Check =>
  (value, where) => {
    if (value !== null) check(value, where);
  };
export const optional =
  (check: Check): Check =>
  (value, where) => {
    if (value !== undefined) check(value, where);
  };
export const listOf =
  (check: Check): Check =>
  (value, where) => {
    if (!Array.isArray(value)) return refuse(where, 'a list', value);
    for (const [i, entry] of value.entries()) check(entry, `${where}[${i}]`);
  };
export const mapOf =
  (check: Check): Check =>
  (value, where) => {
    for (const [name, entry] of Object.entries(rowOf(value, where))) check(entry, `${where}.${name}`);
  };
export const fields =
  (checks: Record<string, Check>): Check =>
  (value, where) => {
    const row = rowOf(value, where);
    for (const [name, check] of Object.entries(checks)) check(row[name], `${where}.${name}`);
  };
const all =
  (...checks: Check[]): Check =>
  (value, where) => {
    for (const check of checks) check(value, where);
  };

export const setting: Check = (value, where) => {
  if (!['number', 'string', 'boolean'].includes(typeof value)) refuse(where, 'a number, text or true/false', value);
};
export const date: Check = (value, where) => {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) refuse(where, 'a date', value);
};
/** Ids become keys and parts of addresses. */
export const id: Check = (value, where) => {
  if (typeof value !== 'string' || !/^[\w-]{1,100}$/.test(value)) refuse(where, "a run's id", value);
};

const interval = fields({ low: number, high: number });
const summary = fields({
  n: whole,
  temperature: number,
  accuracyT1: number,
  accuracyT2: number,
  delta: number,
  iToC: number,
  cToI: number,
  accuracyT1Interval: interval,
  accuracyT2Interval: interval,
  deltaInterval: interval,
  unchangedRate: number,
  editDistanceRatio: number,
  formatErrorRate: number,
});
const evaluation = fields({ step: whole, slice: oneOf('validation', 'test'), greedy: summary, sampled: summary });
const comparison = fields({
  n: whole,
  gained: whole,
  lost: whole,
  gain: number,
  gainInterval: interval,
  pValue: number,
});
const stopReason = all(fields({ kind: oneOf('patience', 'ceiling'), metric: text }), (value, where) => {
  const kinds = {
    patience: fields({ evaluations: whole, minDelta: number, best: number, bestStep: whole }),
    ceiling: fields({ limit: number, value: number }),
  };
  kinds[rowOf(value, where).kind === 'ceiling' ? 'ceiling' : 'patience'](value, where);
});
export const earlyStop = fields({
  patience: orNull(fields({ metric: text, better: oneOf('higher', 'lower'), evaluations: whole, minDelta: number })),
  ceiling: orNull(fields({ metric: text, limit: number })),
  fromStep: whole,
});
const config = fields({
  id,
  recipe: text,
  settings: mapOf(setting),
  seed: whole,
  totalSteps: whole,
  minutes: orNull(number),
  model: text,
  task: optional(oneOf('dial', 'left', 'arithmetic')),
  level: whole,
  evaluateEvery: whole,
  evaluationProblems: whole,
  testProblems: optional(whole),
  checkpointEvery: whole,
  createdAt: date,
  earlyStop: optional(orNull(earlyStop)),
});
const rate = fields({
  backend: oneOf('simd', 'webgpu'),
  secondsPerStep: number,
  secondsPerProblem: orNull(number),
  tokensPerStep: number,
  memoryBytes: orNull(number),
});

/** A column of a given type; its length may hang on others. */
function column(row: Row, name: string, type: new (n: number) => ArrayBufferView, length: number, where: string): void {
  const value = row[name];
  const size = value instanceof type && 'length' in value ? value.length : -1;
  if (size !== length) refuse(`${where}.${name}`, `${type.name} of ${length}`, value);
}

function ascending(offsets: unknown, length: number, where: string): number {
  if (!(offsets instanceof Int32Array) || offsets.length !== length) {
    return refuse(where, `Int32Array of ${length}`, offsets);
  }
  for (let i = 0; i < length; i++) {
    if (i === 0 ? offsets[0] !== 0 : offsets[i] < offsets[i - 1]) refuse(where, 'rising from 0', offsets[i]);
  }
  return offsets[length - 1];
}

const kind = oneOf('train', 'eval_greedy', 'eval_sampled');

/** Columns beside the score. @param attempts of all episodes */
function extra(value: unknown, attempts: number, where: string): void {
  fields({ names: listOf(text), textNames: listOf(text), texts: listOf(text) })(value, where);
  const row = rowOf(value, where);
  const amount = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  column(row, 'numeric', Float32Array, attempts * amount(row.names), where);
  column(row, 'text', Int32Array, attempts * amount(row.textNames), where);
}

const chunk: Check = (value, where) => {
  const texts = mapOf(text);
  fields({
    kind,
    step: whole,
    stage: text,
    episodes: whole,
    attempts: whole,
    prompts: listOf(text),
    instruction: text,
    terms: listOf(text),
    texts,
  })(value, where);
  const row = rowOf(value, where);
  const [E, A] = [Number(row.episodes), Number(row.attempts)];
  const { prompts, terms } = row;
  if (!Array.isArray(prompts) || prompts.length !== E) refuse(`${where}.prompts`, `${E} texts`, prompts);
  if (A < 1) refuse(`${where}.attempts`, 'at least 1', A);
  const N = ascending(row.offsets, E * A + 1, `${where}.offsets`);
  for (const name of ['problem', 'first']) column(row, name, Int32Array, E, where);
  column(row, 'tokens', Int32Array, N, where);
  for (const name of ['logProb', 'refLogProb', 'kl', 'entropy']) column(row, name, Float32Array, N, where);
  column(row, 'correct', Uint8Array, E * A, where);
  column(row, 'rewards', Float32Array, E * A * (Array.isArray(terms) ? terms.length : 0), where);
  column(row, 'advantage', Float32Array, E * A, where);
  if (row.extra !== undefined) extra(row.extra, E * A, `${where}.extra`);
  if (row.context === undefined) return;
  const context = rowOf(row.context, `${where}.context`);
  const { offsets, followUp } = context;
  const P = offsets instanceof Int32Array ? offsets.length : 0;
  const most = ascending(offsets, Math.max(P, 1), `${where}.context.offsets`);
  column(context, 'prompts', Int32Array, most, `${where}.context`);
  if (!(followUp instanceof Int32Array)) refuse(`${where}.context.followUp`, 'Int32Array', followUp);
};

const tensor: Check = (value, where) => {
  fields({ name: text, shape: listOf(whole) })(value, where);
  const row = rowOf(value, where);
  const size = Array.isArray(row.shape) ? row.shape.reduce((a: number, b: number) => a * b, 1) : 0;
  column(row, 'data', Float32Array, size, where);
};

const checkpoint = fields({
  version: oneOf(1),
  step: whole,
  optimizerStep: whole,
  tensors: listOf(tensor),
  tokens: whole,
  seconds: number,
  before: orNull(evaluation),
  latest: orNull(evaluation),
  stopWatch: optional(
    orNull(
      fields({
        best: orNull(number),
        bestStep: whole,
        waited: whole,
        sums: mapOf(fields({ sum: number, count: whole })),
        reason: orNull(stopReason),
      }),
    ),
  ),
});

/** By store. Every row but that of the run itself names its run as `runId`. */
export const rowChecks = {
  runs: fields({
    config,
    status: oneOf('running', 'paused', 'finished', 'stopped', 'failed'),
    step: whole,
    checkpointStep: orNull(whole),
    bestStep: optional(whole),
    updatedAt: date,
    finished: orNull(
      fields({
        type: oneOf('run.finished'),
        runId: id,
        step: whole,
        before: evaluation,
        after: evaluation,
        comparison,
        seconds: number,
        tokens: whole,
      }),
    ),
    stopReason: optional(orNull(stopReason)),
    rate: optional(orNull(rate)),
    traces: optional(fields({ budgetBytes: whole, usedBytes: whole, thinnedSteps: listOf(whole) })),
  }),
  labels: fields({ runId: id, name: text, tags: listOf(text), group: orNull(text), deletedAt: orNull(date) }),
  checkpoints: fields({ runId: id, slot: oneOf('last', 'best'), checkpoint }),
  metrics: fields({
    runId: id,
    step: whole,
    stage: text,
    metrics: mapOf(orNull(number)),
    secondsElapsed: number,
    tokens: whole,
  }),
  evaluations: fields({ runId: id, evaluation }),
  traces: fields({ runId: id, chunk }),
} satisfies Record<string, Check>;

export type ArchivedStore = keyof typeof rowChecks;
/** In the order in which an import writes them: a run is in the list only when all of it is there. */
export const archivedStores: readonly ArchivedStore[] = [
  'metrics',
  'evaluations',
  'traces',
  'checkpoints',
  'labels',
  'runs',
];
