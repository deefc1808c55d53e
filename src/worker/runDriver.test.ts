// The driver on a session that only counts: what is kept, what is said, and where a run may stand still.
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import type { Checkpoint } from '../protocol/checkpoint';
import { StudioError, toWireError } from '../protocol/errors';
import type { Evaluation, RunConfig, StudioEvent } from '../protocol/events';
import { database } from '../storage/database';
import { putCheckpoint, readCheckpoint } from '../storage/storedCheckpoints';
import { listRuns, readRun } from '../storage/storedRuns';
import { readEvaluations, readMetrics } from '../storage/storedSeries';
import { RunClock } from './runClock';
import { type DrivenSession, RunDriver } from './runDriver';
import { RunKeeper } from './runKeeper';
import type { SessionItem } from './runSession';
import { Turnstile } from './turnstile';

const config: RunConfig = {
  id: 'run',
  recipe: 'score',
  settings: {},
  seed: 1,
  totalSteps: 6,
  minutes: null,
  model: 'tiny',
  level: 6,
  evaluateEvery: 3,
  evaluationProblems: 10,
  checkpointEvery: 2,
  createdAt: '2026-01-01T00:00:00Z',
};

const interval = { low: 0, high: 1 };
function evaluation(step: number, slice: Evaluation['slice'] = 'validation', accuracyT2 = step / 10): Evaluation {
  const greedy = {
    n: 10,
    temperature: 0,
    accuracyT1: 0.5,
    accuracyT2,
    delta: 0,
    iToC: 0,
    cToI: 0,
    accuracyT1Interval: interval,
    accuracyT2Interval: interval,
    deltaInterval: interval,
    unchangedRate: 0,
    editDistanceRatio: 0,
    formatErrorRate: 0,
  };
  return { step, slice, greedy, sampled: greedy };
}

/** Counts instead of learning; `trouble` may throw when a step is reached. */
class CountingSession implements DrivenSession {
  disposed = false;
  private latest: Evaluation | null = null;

  constructor(
    public step: number,
    private readonly trouble: (step: number) => void = () => {},
  ) {}

  async *events(): AsyncGenerator<SessionItem> {
    const runId = config.id;
    yield { event: { type: 'run.started', run: config, resumedAt: this.step } };
    if (this.step === 0) yield this.evaluated(evaluation(0));
    while (this.step < config.totalSteps) {
      this.trouble(this.step + 1);
      this.step++;
      const time = { secondsElapsed: this.step, secondsLeft: config.totalSteps - this.step, tokens: 10 * this.step };
      yield {
        event: {
          type: 'run.stepped',
          runId,
          step: this.step,
          stage: 'stage_1',
          metrics: { loss: 1 },
          sample: null,
          ...time,
        },
      };
      if (this.step % config.evaluateEvery === 0) yield this.evaluated(evaluation(this.step));
    }
    const ends = { before: evaluation(0, 'test'), after: evaluation(this.step, 'test') };
    const comparison = { n: 10, gained: 5, lost: 0, gain: 0.5, gainInterval: interval, pValue: 0.06 };
    yield { event: { type: 'run.finished', runId, step: this.step, ...ends, comparison, seconds: 6, tokens: 60 } };
  }

  private evaluated(result: Evaluation): SessionItem {
    this.latest = result;
    return { event: { type: 'run.evaluated', runId: config.id, evaluation: result } };
  }

  async checkpoint(): Promise<Checkpoint> {
    const tensors = [{ name: 'w', shape: [1], data: Float32Array.of(this.step) }];
    const { step, latest } = this;
    return {
      version: 1,
      step,
      optimizerStep: step,
      tensors,
      tokens: 10 * step,
      seconds: step,
      before: evaluation(0),
      latest,
    };
  }

  dispose(): void {
    this.disposed = true;
  }
}

interface Bench {
  driver: RunDriver<CountingSession>;
  events: StudioEvent[];
  sessions: CountingSession[];
  /** Resolves when an event of that type (and step) was posted; also if it was already. */
  heard(type: StudioEvent['type'], step?: number): Promise<StudioEvent>;
  said(): string[];
}

async function bench(
  trouble?: (step: number) => void,
  stored = false,
  explain = async (error: unknown) => toWireError(error),
): Promise<Bench> {
  const events: StudioEvent[] = [];
  const sessions: CountingSession[] = [];
  let wake: (() => void)[] = [];
  const post = (event: StudioEvent) => {
    events.push(event);
    for (const go of wake) go();
    wake = [];
  };
  const { keeper, checkpoint } = stored
    ? await RunKeeper.reopen('run', 'last', null, post)
    : { keeper: await RunKeeper.begin(config, null, post), checkpoint: null };
  const driver = new RunDriver<CountingSession>(
    {
      config,
      keeper,
      clock: new RunClock(),
      turnstile: new Turnstile(),
      post,
      explain,
      open: async (from) => {
        const session = new CountingSession(from?.step ?? 0, trouble);
        sessions.push(session);
        return session;
      },
    },
    checkpoint,
  );
  const matches = (event: StudioEvent, type: string, step?: number) =>
    event.type === type && (step === undefined || ('step' in event && event.step === step));
  return {
    driver,
    events,
    sessions,
    async heard(type, step) {
      for (;;) {
        const found = events.find((event) => matches(event, type, step));
        if (found) return found;
        await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
    said: () => events.map((event) => ('step' in event ? `${event.type.slice(4)} ${event.step}` : event.type.slice(4))),
  };
}

beforeEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

test('a run from start to end is kept with its best and last checkpoints', async () => {
  const { driver, heard, said } = await bench();
  driver.resume();
  await heard('run.finished');
  expect(said()).toEqual([
    'started',
    'evaluated',
    'checkpointed 0',
    'stepped 1',
    'stepped 2',
    'checkpointed 2',
    'stepped 3',
    'evaluated',
    'checkpointed 3',
    'stepped 4',
    'checkpointed 4',
    'stepped 5',
    'stepped 6',
    'evaluated',
    'checkpointed 6',
    'finished 6',
  ]);
  expect((await readRun('run'))?.status).toBe('finished');
  expect((await readRun('run'))?.finished?.comparison.gain).toBe(0.5);
  expect((await readMetrics('run')).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await readEvaluations('run')).map(({ step }) => step)).toEqual([0, 3, 6]);
  expect((await readCheckpoint('run', 'best'))?.step).toBe(6);
});

test('a pause waits for the evaluation of its step, keeps a checkpoint, and the run goes on where it stood', async () => {
  const { driver, heard, said } = await bench();
  driver.resume();
  await heard('run.stepped', 3);
  await driver.pause();
  expect(said().slice(-4)).toEqual(['stepped 3', 'evaluated', 'checkpointed 3', 'paused 3']);
  expect((await readRun('run'))?.status).toBe('paused');
  driver.resume();
  await heard('run.finished');
  expect(said()).toContain('resumed 3');
  expect((await readMetrics('run')).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('one step is one step of learning, then the run stands still', async () => {
  const { driver, heard, said } = await bench();
  driver.stepOnce();
  await heard('run.paused', 1);
  driver.stepOnce();
  await heard('run.paused', 2);
  expect(said().filter((words) => words.startsWith('stepped'))).toEqual(['stepped 1', 'stepped 2']);
});

test('stop keeps what was learned; nothing is computed afterwards', async () => {
  const { driver, heard, said } = await bench();
  driver.resume();
  await heard('run.stepped', 4);
  await driver.stop();
  expect(said().at(-1)).toMatch(/^stopped [45]$/);
  const count = said().length;
  driver.resume();
  await driver.pause();
  expect(said()).toHaveLength(count);
  expect((await readCheckpoint('run', 'last'))?.step).toBe((await readRun('run'))?.step);
  expect((await listRuns())[0].status).toBe('stopped');
});

test('stop works on a paused run too', async () => {
  const { driver, heard, said } = await bench();
  driver.stepOnce();
  await heard('run.paused', 1);
  await driver.stop();
  expect(said().at(-1)).toBe('stopped 1');
});

test('a run whose tab was closed goes on from its last checkpoint; later rows are forgotten', async () => {
  const first = await bench();
  first.driver.resume();
  await first.heard('run.stepped', 5);
  await first.driver.lose(null); // the tab is gone: nothing after this is kept
  first.driver.dispose();
  const rows = await readMetrics('run');
  expect(rows.at(-1)?.step).toBe(5);

  const again = await bench(undefined, true);
  expect((await readMetrics('run')).at(-1)?.step).toBe(4);
  await again.driver.open();
  expect(again.events[0]).toMatchObject({ type: 'run.started', resumedAt: 4 });
  again.driver.resume();
  await again.heard('run.finished');
  expect((await readMetrics('run')).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a run set back to its best checkpoint forgets what came after it, and goes on from there', async () => {
  const first = await bench();
  first.driver.resume();
  await first.heard('run.finished');
  first.driver.dispose();
  // Its best is the evaluation at step 3, when later ones are worse.
  const best = await readCheckpoint('run', 'best');
  await putCheckpoint('run', ['best'], { ...best!, step: 3, latest: evaluation(3, 'validation', 0.9) });
  const { keeper, checkpoint } = await RunKeeper.reopen('run', 'best', null, () => {});
  expect(checkpoint?.step).toBe(3);
  expect((await readMetrics('run')).map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(await readRun('run')).toMatchObject({ status: 'paused', finished: null, checkpointStep: 3 });
  expect((await readCheckpoint('run', 'last'))?.step).toBe(3);
  // A worse one later is only the last.
  expect(await keeper.checkpoint({ ...checkpoint!, step: 4, latest: evaluation(4, 'validation', 0.5) })).toEqual([
    'last',
  ]);
  keeper.release();
});

test('numbers that do not agree pause the run with a sentence; it can go on from the checkpoint before', async () => {
  let broken = true;
  const { driver, heard, said, sessions } = await bench((step) => {
    if (step === 4 && broken) throw new StudioError('numerics', 'score: expected log-probs to agree, they do not.');
  });
  driver.resume();
  const paused = await heard('run.paused');
  expect(paused).toMatchObject({ step: 3, error: { kind: 'numerics' } });
  expect(sessions[0].disposed).toBe(true);
  broken = false;
  driver.resume();
  await heard('run.finished');
  expect(sessions).toHaveLength(2);
  expect(sessions[1].step).toBe(6);
  expect(said()).toContain('resumed 3');
});

test('a lost device pauses the run once, and what the dead session still says is not heard', async () => {
  const { driver, heard, events } = await bench();
  driver.resume();
  await heard('run.stepped', 2);
  await driver.lose({ kind: 'device', message: 'gone' });
  const paused = events.filter((event) => event.type === 'run.paused');
  expect(paused).toMatchObject([{ step: 2, error: { kind: 'device' } }]);
  driver.resume();
  await heard('run.finished');
  expect(events.filter((event) => event.type === 'run.paused')).toHaveLength(1);
});

test('an error explained only after its loss was heard of neither fails the run nor ends what was resumed since', async () => {
  let broken = true;
  const news = { come: () => {} };
  const late = new Promise<void>((resolve) => {
    news.come = resolve;
  });
  const { driver, heard, events, sessions } = await bench(
    (step) => {
      if (step === 3 && broken)
        throw new DOMException('Buffer was unmapped before mapping was resolved.', 'AbortError');
    },
    false,
    async (error) => {
      await late;
      return toWireError(error);
    },
  );
  driver.resume();
  await heard('run.checkpointed', 2);
  await driver.lose({ kind: 'device', message: 'gone' });
  broken = false;
  driver.resume();
  await heard('run.stepped', 3);
  news.come();
  await heard('run.finished');
  expect(events.filter((event) => event.type === 'run.paused')).toHaveLength(1);
  expect(events.filter((event) => event.type === 'run.failed')).toHaveLength(0);
  expect(sessions).toHaveLength(2);
});

test('any other fault fails the run, says why, and leaves the checkpoint', async () => {
  const { driver, heard } = await bench((step) => {
    if (step === 3) throw new Error('a fault of ours');
  });
  driver.resume();
  expect(await heard('run.failed')).toMatchObject({ error: { kind: 'internal', message: 'a fault of ours' } });
  expect((await readRun('run'))?.status).toBe('failed');
  expect((await readCheckpoint('run', 'last'))?.step).toBe(2);
});

test('when storage refuses, the page is told once and the run goes on', async () => {
  const { driver, heard, events } = await bench();
  const db = await database();
  const put = db.put.bind(db);
  let refusals = 0;
  db.put = async (...args) => {
    if (args[0] !== 'metrics') return put(...args);
    refusals++;
    throw new DOMException('full', 'QuotaExceededError');
  };
  try {
    driver.resume();
    await heard('run.finished');
  } finally {
    db.put = put;
  }
  expect(events.filter((event) => event.type === 'storage.failed')).toMatchObject([{ error: { kind: 'storage' } }]);
  expect(refusals).toBe(1);
});
