// The estimate beside what a step really takes: the formula must be near the measured peak, or it helps nobody.
import { expect, test } from 'vitest';
import { simdBackend, startSimd } from '../backend/simd/simd';
import { DIAL_CONFIG, dialInitialWeights } from '../models/dialLlama';
import { loadModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import { writeSafetensors } from '../models/safetensors';
import { fileBytes, smallDialFiles } from '../models/testing/smallDial';
import type { RunConfig, RunPlan } from '../protocol/events';
import type { Settings } from '../protocol/fields';
import { planRun } from './planRun';
import { RunSession } from './runSession';

/** All four layers: with one, the logits weigh more than in any model that is used. */
function dialModel(): LanguageModel {
  const whole: [string, Uint8Array<ArrayBuffer>][] = [
    ['config.json', fileBytes(DIAL_CONFIG)],
    ['model.safetensors', writeSafetensors([...dialInitialWeights(1).values()], 'F32')],
  ];
  return loadModel('dial', new Map([...smallDialFiles(), ...whole]));
}

async function measuredPeak(
  model: LanguageModel,
  recipe: string,
  settings: Settings,
  memoryRoom?: number,
): Promise<number> {
  const config: RunConfig = {
    id: 'run',
    recipe,
    settings,
    seed: 1,
    totalSteps: 1,
    minutes: null,
    model: 'dial',
    level: 6,
    evaluateEvery: 1,
    evaluationProblems: 1,
    checkpointEvery: 1,
    createdAt: '',
  };
  const session = await RunSession.create({ config, model, memoryRoom, logProbTolerance: 1, testProblems: 0 });
  for await (const _ of session.events());
  session.dispose();
  return simdBackend().statistics().peakBytes;
}

const trials: [recipe: string, settings: Settings][] = [
  ['score', { problems: 8 }],
  ['score', { problems: 8, seconds: 1, method: 'full' }],
  ['sft', { conversations: 256 }],
];

test.each(trials)('%s %j: the estimated memory is within 10 % of the measured peak', async (recipe, settings) => {
  await import('../ops/registerSimd');
  await startSimd({ threads: 1 });
  const model = dialModel();
  const plan = planRun(model, recipe, settings, { level: 6 });
  const estimate = plan.weightBytes + plan.trainedBytes + (plan.batchBytes ?? 0) + (plan.cacheBytes ?? 0);
  const peak = await measuredPeak(model, recipe, settings);
  console.log(`${recipe}: estimated ${(estimate / 1e6).toFixed(1)} MB, measured ${(peak / 1e6).toFixed(1)} MB`);
  expect(estimate / peak).toBeGreaterThan(0.9);
  expect(estimate / peak).toBeLessThan(1.1);
  model.dispose();
});

test('counts what is trained, and refuses targets that name nothing', async () => {
  await import('../ops/registerSimd');
  await startSimd({ threads: 1 });
  const model = dialModel();
  expect(planRun(model, 'score', { method: 'full' }, { level: 6 }).trainedParameters).toBe(model.parameters);
  // q_proj of four layers: rank · (in + out)
  expect(planRun(model, 'score', { rank: 2, targets: 'q_proj' }, { level: 6 }).trainedParameters).toBe(4 * 2 * 256);
  expect(() => planRun(model, 'score', { targets: 'nobody' }, { level: 6 })).toThrow(/settings\.targets/);
  expect(() => planRun(model, 'score', { rank: 0 }, { level: 6 })).toThrow(/settings\.rank: expected 1 to 256, got 0/);
  model.dispose();
});

test.each([
  ['blocks run again', 0.9, true],
  ['and batches go through in parts', 0.3, false],
] as const)('less room: %s, and the estimate is near the measured peak', async (_title, share, isWhole) => {
  await import('../ops/registerSimd');
  await startSimd({ threads: 1 });
  const model = dialModel();
  const [recipe, settings] = ['sft', { conversations: 256 }] as const;
  const whole = planRun(model, recipe, settings, { level: 6 });
  expect(whole.thrift).toBeUndefined();
  const total = (plan: RunPlan) =>
    plan.weightBytes + plan.trainedBytes + (plan.batchBytes ?? 0) + (plan.cacheBytes ?? 0);
  const room = share * total(whole);
  const plan = planRun(model, recipe, settings, { level: 6 }, room);
  expect(plan.thrift?.recompute).toBe(true);
  expect(plan.thrift?.positionsAtOnce === null).toBe(isWhole);
  expect(total(plan)).toBeLessThanOrEqual(room);
  const peak = await measuredPeak(model, recipe, settings, room);
  console.log(
    `${recipe}, thrifty: estimated ${(total(plan) / 1e6).toFixed(1)} MB, measured ${(peak / 1e6).toFixed(1)} MB`,
  );
  expect(total(plan) / peak).toBeGreaterThan(0.9);
  expect(total(plan) / peak).toBeLessThan(1.1);
  model.dispose();
});
