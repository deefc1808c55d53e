// The worker's end of the wall: takes commands, gives events. Law of the room: nothing here draws, everything says what failed.
import { drawProblem } from '../data/dial';
import { CounterRng } from '../lib/counterRng';
import type { DialProblem } from '../lib/dialProblem';
import type { Command } from '../protocol/commands';
import { toWireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import { runsChannel } from '../protocol/tabs';
import type { WorkerReady } from '../protocol/workerPort';
import { recipes } from '../recipes/index';
import { attemptTwice } from './attempt';
import { evaluateBase } from './baseEvaluation';
import { chatTurn } from './chatTurn';
import { DatasetDesk } from './datasetDesk';
import { Engine } from './engine';
import { explainTokens } from './explainTokens';
import { ModelDesk } from './modelDesk';
import { ModelShelf } from './modelShelf';
import { planRun } from './planRun';
import { RunDesk } from './runDesk';
import { SCORE_MODEL } from './scoreSteps';
import { letMessagesIn, Turnstile } from './turnstile';

/** To tabs that watch a run of this worker; browsers without channels have no watchers. */
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel(runsChannel) : null;

function post(message: StudioEvent | WorkerReady): void {
  globalThis.postMessage(message);
  if (message.type.startsWith('run.')) tabs?.postMessage(message);
}

const turnstile = new Turnstile();
const shelf = new ModelShelf(post);
const engine = new Engine(post, (error) => {
  turnstile.clear();
  void desk.loseSession(error).then(async () => {
    shelf.drop();
    await turnstile.pass(() => engine.restart());
  });
});
const desk = new RunDesk({ engine, shelf, turnstile, post });

async function startEngine(command: Extract<Command, { type: 'engine.start' }>): Promise<void> {
  await desk.standAside();
  await turnstile.pass(async () => {
    shelf.drop();
    await engine.start(command);
  });
}

const datasets = new DatasetDesk(() => shelf.modelOrNull, post, letMessagesIn);

const models = new ModelDesk(shelf, post, async (job) => {
  await desk.standAside();
  await turnstile.pass(job);
});

/** Stream of the random numbers that problems for the page are drawn from. */
const PAGE_STREAM = 0x70616765;

function draw({ requestId, level, seed }: Extract<Command, { type: 'problem.draw' }>): void {
  try {
    const { numbers } = drawProblem(new CounterRng(seed, PAGE_STREAM), 'test', level);
    post({ type: 'problem.drawn', requestId, numbers });
  } catch (error) {
    post({ type: 'attempt.failed', requestId, error: toWireError(error) });
  }
}

/** What a person typed, as a problem. @throws RangeError */
function problemOf(numbers: number[]): DialProblem {
  const fits = numbers.length >= 3 && numbers.length <= 8;
  if (fits && numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= 11)) {
    return { numbers, times: false };
  }
  throw new RangeError(
    `problem: expected 3 to 8 whole numbers from 1 to 11, got "${numbers.join(' ')}". Correct them and ask again.`,
  );
}

async function attempt(command: Extract<Command, { type: 'attempt.start' }>): Promise<void> {
  const { requestId, runId, slot, temperature, topK, topP, seed } = command;
  try {
    const problem = problemOf(command.numbers);
    await turnstile.pass(async () => {
      const adapter = runId === null ? null : await desk.adapterOf(runId, slot);
      const { model } = shelf;
      const onWritten = (attempts: Extract<StudioEvent, { type: 'attempt.streamed' }>['attempts']) =>
        post({ type: 'attempt.streamed', requestId, attempts });
      const done = await attemptTwice({ model, adapter, problem, temperature, topK, topP, seed, onWritten });
      post({ type: 'attempt.finished', requestId, ...done });
    });
  } catch (error) {
    post({ type: 'attempt.failed', requestId, error: await engine.explain(error) });
  }
}

/** Conversations that a person wants to end. */
const stopped = new Set<number>();

async function chat(command: Extract<Command, { type: 'chat.start' }>): Promise<void> {
  const { requestId, runId, slot, lines, temperature, topK, topP, maxTokens, seed } = command;
  try {
    await turnstile.pass(async () => {
      const adapter = runId === null ? null : await desk.adapterOf(runId, slot);
      const { model } = shelf;
      const onWritten = (text: string) => post({ type: 'chat.streamed', requestId, text });
      const isStopped = () => stopped.has(requestId);
      const answer = { model, adapter, lines, temperature, topK, topP, maxTokens, seed, onWritten, isStopped };
      post({ type: 'chat.finished', requestId, ...(await chatTurn({ ...answer, letMessagesIn })) });
    });
  } catch (error) {
    post({ type: 'chat.failed', requestId, error: await engine.explain(error) });
  }
  stopped.delete(requestId);
}

async function openAdapter({ requestId, name, files }: Extract<Command, { type: 'adapter.open' }>): Promise<void> {
  try {
    const adapter = await turnstile.pass(() => shelf.opened.open(shelf.model, name, files));
    post({ type: 'adapter.opened', requestId, adapter });
  } catch (error) {
    post({ type: 'adapter.refused', requestId, error: await engine.explain(error) });
  }
}

function estimate({ requestId, recipe, settings, task, level }: Extract<Command, { type: 'plan.estimate' }>): void {
  try {
    post({ type: 'plan.estimated', requestId, plan: planRun(shelf.model, recipe, settings, { task, level }) });
  } catch (error) {
    post({ type: 'plan.failed', requestId, error: toWireError(error) });
  }
}

async function measureBase({
  requestId,
  task,
  level,
  problems,
}: Extract<Command, { type: 'base.evaluate' }>): Promise<void> {
  try {
    await turnstile.pass(async () => {
      const { model } = shelf;
      const evaluation = await evaluateBase(model, { task, level }, problems, letMessagesIn);
      post({ type: 'base.evaluated', requestId, model: model.id, task, level, evaluation });
    });
  } catch (error) {
    post({ type: 'base.failed', requestId, error: await engine.explain(error) });
  }
}

async function explain(command: Extract<Command, { type: 'tokens.explain' }>): Promise<void> {
  const { requestId, runId, slot, temperature, tokens } = command;
  try {
    const problem = problemOf(command.numbers);
    await turnstile.pass(async () => {
      const adapter = runId === null ? null : await desk.adapterOf(runId, slot);
      const attempts = await explainTokens({ model: shelf.model, adapter, problem, temperature, tokens });
      post({ type: 'tokens.explained', requestId, attempts });
    });
  } catch (error) {
    post({ type: 'tokens.failed', requestId, error: await engine.explain(error) });
  }
}

async function testItself(): Promise<void> {
  try {
    const { runSelfTest } = await import('./selfTest');
    const bundled = () =>
      engine.backend === 'simd' && shelf.modelOrNull?.id === SCORE_MODEL ? shelf.modelOrNull : null;
    await runSelfTest((job) => turnstile.pass(job), post, bundled);
  } catch (error) {
    post({ type: 'selfTest.failed', error: await engine.explain(error) });
  }
}

async function takeHome({ runId, slot }: Extract<Command, { type: 'adapter.export' }>): Promise<void> {
  try {
    post({ type: 'adapter.exported', runId, ...(await desk.exportOf(runId, slot)) });
  } catch (error) {
    post({ type: 'adapter.failed', runId, error: await engine.explain(error) });
  }
}

function take(command: Command): void | Promise<void> {
  switch (command.type) {
    case 'engine.start':
      return startEngine(command);
    case 'engine.loseDevice':
      return engine.loseOnPurpose();
    case 'model.load':
      return models.load(command.source, command.holding);
    case 'model.cancel':
      return models.cancel();
    case 'model.estimate':
      return models.estimate(command);
    case 'models.list':
      return models.list();
    case 'models.delete':
      return models.remove(command.id);
    case 'dataset.open':
      return datasets.open(command);
    case 'dataset.check':
      return datasets.check(command);
    case 'dataset.take':
      return datasets.take(command);
    case 'problem.draw':
      return draw(command);
    case 'attempt.start':
      return attempt(command);
    case 'chat.start':
      return chat(command);
    case 'adapter.open':
      return openAdapter(command);
    case 'chat.stop':
      return void stopped.add(command.requestId);
    case 'plan.estimate':
      return estimate(command);
    case 'base.evaluate':
      return measureBase(command);
    case 'tokens.explain':
      return explain(command);
    case 'selfTest.start':
      return testItself();
    case 'run.start':
      return desk.start(command);
    case 'run.restore':
      return desk.restore(command.runId, command.slot);
    case 'run.pause':
      return desk.pause();
    case 'run.step':
      return desk.stepOnce();
    case 'run.resume':
      return desk.resume();
    case 'run.stop':
      return desk.stop();
    case 'adapter.export':
      return takeHome(command);
    case 'traces.limit':
      return desk.limitTraces(command.bytes);
    case 'run.delete':
      return desk.remove(command.runId);
  }
}

/** A command that fails in no handler of its own: storage says so, everything else is about the run. */
function complain(error: unknown): void {
  const wire = toWireError(error);
  if (wire.kind === 'storage') post({ type: 'storage.failed', error: wire });
  else post({ type: 'run.failed', runId: '', error: wire });
}

globalThis.onmessage = async ({ data }: MessageEvent<Command>) => {
  try {
    await take(data);
  } catch (error) {
    complain(error);
  }
};

// Held until this worker dies: the page waits for it (protocol/workerPort.ts).
const lock = `second-thought-worker-${crypto.randomUUID()}`;
const ready = () => {
  post({ type: 'worker.ready', lock });
  post({
    type: 'recipes.listed',
    recipes: recipes.map(({ id, title, paper, fields, presets, stages, givenTexts }) => ({
      id,
      title,
      paper,
      fields,
      presets,
      stages,
      givenTexts,
    })),
  });
};
if (navigator.locks) {
  void navigator.locks.request(lock, () => {
    ready();
    return new Promise<void>(() => {});
  });
} else ready();
