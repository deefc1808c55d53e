// Whole runs (sampling, rewards, loss, AdamW, evaluation) give the same bits with one, two and four threads.
import { afterAll, expect, test } from 'vitest';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { smallDial } from '../models/testing/smallDial';
import '../ops/registerSimd';
import type { Settings } from '../protocol/fields';
import { RunSession } from './runSession';

afterAll(stopSimd);

async function run(threads: number, recipe: string, settings: Settings) {
  expect((await startSimd({ threads })).threads).toBe(threads);
  const model = smallDial();
  const config = {
    ...{ id: 'run', recipe, settings, seed: 5, totalSteps: 2, minutes: null, model: 'small', level: 4 },
    ...{ evaluateEvery: 2, evaluationProblems: 20, checkpointEvery: 10, createdAt: '' },
  };
  const options = { config, model, logProbTolerance: 1e-5, testProblems: 4 };
  // An untrained model earns nothing; with its adapter on, the divergence from the base gives the steps something to do.
  const first = await RunSession.create(options);
  const checkpoint = await first.checkpoint();
  first.dispose();
  for (const { name, data } of checkpoint.tensors)
    if (/^base.*lora_B/.test(name)) for (let i = 0; i < data.length; i++) data[i] = 0.02 * Math.sin(i);
  const session = await RunSession.create({ ...options, checkpoint });
  const metrics: Record<string, unknown>[] = [];
  for await (const item of session.events()) {
    if ('event' in item && item.event.type === 'run.stepped') {
      // The clock is all that may differ.
      metrics.push({ ...item.event.metrics, step_time: 0 });
    }
  }
  const { tensors } = await session.checkpoint();
  session.dispose();
  model.dispose();
  return { metrics, tensors };
}

for (const [recipe, settings] of [
  ['score', { problems: 12, firsts: 2, seconds: 2 }],
  ['sft', {}],
] as const) {
  test(recipe, async () => {
    const alone = await run(1, recipe, settings as Settings);
    expect(alone.metrics.map(({ grad_norm }) => (grad_norm as number) > 0)).toEqual([true, true]);
    for (const threads of [2, 4]) expect(await run(threads, recipe, settings as Settings)).toEqual(alone);
  });
}
