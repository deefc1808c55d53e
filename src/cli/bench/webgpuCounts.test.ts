// The budget of calls that a training step may make on a GPU: it can only be lowered.
import { expect, test } from 'vitest';
import { TRAIN_LOAD } from '../../worker/benchModel';
import { countWebgpu } from './webgpuCounts';

test('a training step stays within its budget of dispatches, submits and new buffers', async ({ skip }) => {
  const counts = await countWebgpu(TRAIN_LOAD);
  if (typeof counts === 'string') return skip(counts);
  expect(counts.dispatches_per_layer).toBeLessThanOrEqual(22);
  expect(counts.dispatches_per_layer_lora).toBeLessThanOrEqual(40);
  expect(counts.submits_per_step).toBeLessThanOrEqual(3);
  expect(counts.buffers_created).toBe(0);
  // Those of tfjs' own kernels in the loss; the rest is kept from step to step.
  expect(counts.bind_groups_created).toBeLessThanOrEqual(5);
  // The norm and three columns of statistics, read back.
  expect(counts.copies).toBeLessThanOrEqual(4);
});
