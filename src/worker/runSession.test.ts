// A whole SCoRe run on a small random model: the loss sees what the rollout sampled, the base stays untouched, a resumed run repeats
// the uninterrupted one bit for bit, nothing leaks, and bad settings or impossible numerics stop it with a sentence.
import { memory } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { LanguageModel } from '../models/model';
import { smallDial } from '../models/testing/smallDial';
import { testOnEveryBackend } from '../ops/testing/onEveryBackend';
import type { Checkpoint } from '../protocol/checkpoint';
import type { RunConfig, RunEvent } from '../protocol/events';
import type { Settings } from '../protocol/fields';
import type { TraceChunk } from '../protocol/trace';
import { RunSession } from './runSession';

const config = (settings: Settings, totalSteps = 3, recipe = 'score'): RunConfig => ({
  id: 'run',
  recipe,
  settings,
  seed: 5,
  totalSteps,
  minutes: null,
  model: 'small',
  level: 4,
  evaluateEvery: 2,
  evaluationProblems: 3,
  checkpointEvery: 1,
  createdAt: '',
});

interface Seen {
  events: RunEvent[];
  traces: TraceChunk[];
  last: Checkpoint;
}

/** Runs to the end, or until `steps` steps were done; returns what was seen and the checkpoint at the end. */
async function runThrough(
  model: LanguageModel,
  options: { config: RunConfig; from?: Checkpoint; steps?: number; tolerance?: number },
): Promise<Seen> {
  const session = await RunSession.create({
    config: options.config,
    model,
    checkpoint: options.from,
    logProbTolerance: options.tolerance ?? 1e-5,
    testProblems: 4,
  });
  const seen: Omit<Seen, 'last'> = { events: [], traces: [] };
  for await (const item of session.events()) {
    if ('traces' in item) seen.traces.push(item.traces);
    else {
      seen.events.push(item.event);
      if (item.event.type === 'run.stepped' && item.event.step === options.steps) break;
    }
  }
  const last = await session.checkpoint();
  session.dispose();
  return { ...seen, last };
}

/** Without a learnt model every reward is 0, so the KL weights are raised to see the adapter move. */
const SMALL = { problems: 2, firsts: 2, seconds: 2 };

/** A run whose adapter is already on, so that reference and policy differ and the KL terms have something to do. */
async function displaced(model: LanguageModel, run: RunConfig): Promise<Checkpoint> {
  const session = await RunSession.create({ config: run, model, logProbTolerance: 1e-5 });
  const start = await session.checkpoint();
  session.dispose();
  for (const { name, data } of start.tensors) {
    if (!/^base.*lora_B/.test(name)) continue;
    for (let i = 0; i < data.length; i++) data[i] = 0.02 * Math.sin(i);
  }
  return start;
}

const stepped = (seen: Seen) => seen.events.flatMap((event) => (event.type === 'run.stepped' ? [event] : []));

async function goesThrough(): Promise<void> {
  const before = memory().numTensors;
  const model = smallDial();
  const weightsBefore = new Map<string, ArrayLike<number>>();
  for (const [name, tensor] of model.weights) weightsBefore.set(name, (await tensor.data()).slice());
  const seen = await runThrough(model, { config: config(SMALL) });
  const types = seen.events.map((event) => event.type);
  expect(types).toEqual([
    'run.started',
    'run.evaluated',
    'run.stageEntered',
    'run.stepped',
    'run.stageEntered',
    'run.stepped',
    'run.evaluated',
    'run.stepped',
    'run.evaluated',
    'run.finished',
  ]);
  for (const { metrics } of stepped(seen))
    expect(metrics['sampling/sampling_logp_difference/max']).toBeLessThanOrEqual(1e-5);
  for (const [name, tensor] of model.weights) expect(await tensor.data(), name).toEqual(weightsBefore.get(name));
  const train = seen.traces.filter((chunk) => chunk.kind === 'train');
  expect(train.map((chunk) => [chunk.step, chunk.episodes, chunk.attempts])).toEqual([
    [1, 8, 2],
    [2, 8, 2],
    [3, 8, 2],
  ]);
  for (const chunk of train) {
    for (const column of [chunk.logProb, chunk.refLogProb, chunk.kl, chunk.entropy, chunk.advantage]) {
      expect(column.every(Number.isFinite)).toBe(true);
    }
    // Second attempts of one first attempt carry that very first attempt.
    expect([...chunk.first]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(chunk.offsets.at(-1)).toBe(chunk.tokens.length);
  }
  model.dispose();
  expect(memory().numTensors).toBe(before);
}

async function resumesBitForBit(settings: Settings, recipe: string): Promise<void> {
  const model = smallDial();
  const run = config(settings, 3, recipe);
  const from = await displaced(model, run);
  const whole = await runThrough(model, { config: run, from });
  const half = await runThrough(model, { config: run, from, steps: 1 });
  expect(half.last.step).toBe(1);
  const copied: Checkpoint = structuredClone(half.last);
  const rest = await runThrough(model, { config: run, from: copied });
  expect(rest.last.tensors.map(({ name }) => name)).toEqual(whole.last.tensors.map(({ name }) => name));
  rest.last.tensors.forEach((tensor, i) => {
    expect(Buffer.from(tensor.data.buffer).equals(Buffer.from(whole.last.tensors[i].data.buffer)), tensor.name).toBe(
      true,
    );
  });
  const moved = whole.last.tensors.some((tensor, i) =>
    tensor.data.some((value, j) => value !== from.tensors[i].data[j]),
  );
  expect(moved).toBe(true);
  const tokensOf = (seen: Seen) =>
    seen.traces.filter((c) => c.kind === 'train' && c.step > 1).map((c) => [...c.tokens]);
  expect(tokensOf(rest)).toEqual(tokensOf(whole));
  expect({ ...rest.last, seconds: 0 }.latest).toEqual(whole.last.latest);
  model.dispose();
}

/** Nothing can be gained by a random model, so the rule ends the run after the evaluations it waits for. */
async function stopsEarly(): Promise<void> {
  const model = smallDial();
  const patience = { metric: 'eval/accuracy_t2', better: 'higher', evaluations: 2, minDelta: 0 } as const;
  const run = { ...config(SMALL, 9), evaluateEvery: 2, earlyStop: { patience, ceiling: null, fromStep: 0 } };
  const whole = await runThrough(model, { config: run });
  expect(whole.last.step).toBe(4);
  expect(whole.events.slice(-2)).toMatchObject([
    { type: 'run.earlyStopped', step: 4, reason: { kind: 'patience', best: 0, bestStep: 0 } },
    { type: 'run.finished', step: 4 },
  ]);
  const half = await runThrough(model, { config: run, steps: 3 });
  const rest = await runThrough(model, { config: run, from: structuredClone(half.last) });
  expect(rest.last).toEqual({ ...whole.last, seconds: rest.last.seconds });
  // Opened again at the very step where it ended: it says so once more and goes on to the test, without another step.
  const again = await runThrough(model, { config: run, from: structuredClone(whole.last) });
  expect(again.events.map(({ type }) => type)).toEqual(['run.started', 'run.earlyStopped', 'run.finished']);
  model.dispose();
}

async function klRewardMatchesLossTerm(): Promise<void> {
  // With every reward 0 and the adapter still off, both forms of the KL start at 0 and leave the policy where it is.
  const model = smallDial();
  for (const kl of ['full', 'k1_in_reward']) {
    const seen = await runThrough(model, { config: config({ ...SMALL, kl }, 1) });
    expect(stepped(seen)[0].metrics.kl).toBeCloseTo(0, 6);
    expect(stepped(seen)[0].metrics.reward).toBeCloseTo(0, 5);
  }
  model.dispose();
}

async function singleTurn(): Promise<void> {
  const model = smallDial();
  const seen = await runThrough(model, { config: config({ ...SMALL, multiTurn: false }, 1) });
  const chunk = seen.traces.find(({ kind }) => kind === 'train')!;
  expect([chunk.attempts, chunk.episodes, chunk.stage]).toEqual([1, 4, 'single_turn']);
  expect(stepped(seen)[0].metrics['train/accuracy_t2']).toBeNull();
  model.dispose();
}

async function stopsOnMismatch(): Promise<void> {
  const model = smallDial();
  const run = runThrough(model, { config: config(SMALL), tolerance: -1 });
  await expect(run).rejects.toThrow(/step 1: expected the log-probabilities of the loss within -1/);
  await expect(runThrough(model, { config: config({ firsts: 0 }) })).rejects.toThrow(
    /settings\.firsts: expected 1 to 32, got 0/,
  );
  await expect(runThrough(model, { config: config({ nonsense: 1 }) })).rejects.toThrow(
    /expected one of .* got "nonsense"/,
  );
  model.dispose();
}

testOnEveryBackend({
  op: 'run',
  checks: [
    { title: 'goes through both stages and leaves base and memory as they were', run: goesThrough },
    { title: 'SCoRe resumes bit for bit', run: () => resumesBitForBit(SMALL, 'score') },
    {
      title: 'STaR resumes bit for bit, with the policy it samples from',
      slowOnSoftwareGpu: true,
      run: () => resumesBitForBit({ ...SMALL, iterations: 3 }, 'star'),
    },
    {
      title: 'SFT resumes bit for bit',
      slowOnSoftwareGpu: true,
      run: () => resumesBitForBit({ conversations: 8 }, 'sft'),
    },
    { title: 'stops early at the same step after a resume', slowOnSoftwareGpu: true, run: stopsEarly },
    { title: 'both forms of the KL start at nothing', slowOnSoftwareGpu: true, run: klRewardMatchesLossTerm },
    { title: 'single-turn ablation', slowOnSoftwareGpu: true, run: singleTurn },
    { title: 'stops with a sentence', run: stopsOnMismatch },
  ],
});
