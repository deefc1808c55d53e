// Everything about a GPU in one command, made to be carried to a machine that has one (npm run bench:pack):
// product of matrices beside the GPU's peak, training steps, rollouts, jax-js beside ours, SCoRe on the bundled model.
// --json (one event a line) --tiny (seconds instead of minutes; figures mean nothing) --software (SwiftShader) --steps N (of SCoRe)
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { env } from '@tensorflow/tfjs-core';
import '../../ops/registerWebgpu';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { startForTests } from '../../backend/webgpu/startForTests';
import { loadModel } from '../../models/loadModel';
import { checkSettings } from '../../protocol/fields';
import { recipeById } from '../../recipes/index';
import {
  BENCH_CONFIG,
  type BenchConfig,
  benchArchitecture,
  ROLLOUT_LOAD,
  TRAIN_LOAD,
  type TrainLoad,
} from '../../worker/benchModel';
import { type BenchSide, oursSide } from '../../worker/benchSide';
import { RunSession } from '../../worker/runSession';
import { peakRate, productRate, secondsOf } from './webgpuRates';

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    software: { type: 'boolean', default: false },
    steps: { type: 'string' },
    model: { type: 'string' },
  },
});
const isTiny = args.tiny;
const print = (line: string) => {
  if (!args.json) console.log(line);
};
const event = (fields: Record<string, unknown>) => {
  if (args.json) console.log(JSON.stringify(fields));
};
const round = (x: number, digits = 1) => Number(x.toFixed(digits));
const percent = (x: number) => `${(100 * x).toFixed(1)} %`;

/** What the issue asks about: batch 16 × 256, width 512 and more. */
const LARGE: BenchConfig = {
  ...BENCH_CONFIG,
  hidden_size: 768,
  intermediate_size: 2048,
  num_hidden_layers: 8,
  num_attention_heads: 12,
  num_key_value_heads: 12,
  head_dim: 64,
  vocab_size: 8192,
  max_position_embeddings: 512,
};
const TINY: BenchConfig = {
  ...LARGE,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  head_dim: 16,
  vocab_size: 64,
};

/** Floating point operations of a training step: 6 per weight of a product and token, and causal attention three times. */
function operationsOf(config: BenchConfig, { batch, time }: TrainLoad): number {
  const shapes = [...benchArchitecture(config.num_hidden_layers, config).tensors];
  const products = shapes.filter(([name, shape]) => shape.length === 2 && !name.includes('embed_tokens'));
  const weights = products.reduce((sum, [, [out, inner]]) => sum + out * inner, 0);
  const attention = 6 * config.num_hidden_layers * time * config.num_attention_heads * config.head_dim;
  return batch * time * (6 * weights + attention);
}

async function trainingStep(backend: GpuBackend, title: string, config: BenchConfig, load: TrainLoad, peak: number) {
  const side = oursSide(load, config.num_hidden_layers, config);
  let loss = 0;
  const before = () => backend.statistics;
  const seconds = await secondsOf(backend, async () => {
    loss = await side.trainStep();
  });
  const start = before();
  await side.trainStep();
  const { dispatches, submits } = before();
  const rate = (load.batch * load.time) / seconds;
  const gflops = operationsOf(config, load) / seconds / 1e9;
  const calls = { dispatches: dispatches - start.dispatches, submits: submits - start.submits };
  print(
    `${title.padEnd(34)}${round(rate, 0)} tokens/s, ${round(gflops)} GFLOP/s, ${percent(gflops / peak)} of the peak; ${calls.dispatches} dispatches, ${calls.submits} submits; loss ${loss.toFixed(4)}`,
  );
  const figures = { tok_s: round(rate, 0), gflops: round(gflops), share_of_peak: round(gflops / peak, 4), ...calls };
  event({ event: 'bench.measured', work: title, ...figures });
  return { ...figures, side };
}

/** jax-js on the same GPU, where it runs, on a device of its own. */
async function jaxSteps(load: TrainLoad): Promise<number | string> {
  try {
    const { defaultDevice, init } = await import('@jax-js/jax');
    await init('webgpu');
    defaultDevice('webgpu');
    const { jaxSide } = await import('./peers/jaxModel');
    const side: BenchSide = jaxSide(load);
    const times: number[] = [];
    for (let i = 0; i < (isTiny ? 2 : 8); i++) {
      const start = performance.now();
      await side.trainStep();
      times.push((performance.now() - start) / 1000);
    }
    return (load.batch * load.time) / Math.min(...times.slice(1));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** SCoRe on the bundled model, its validation problems before and after. */
async function practice(folder: string, steps: number) {
  const files = new Map(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  const recipe = recipeById('score');
  const settings = checkSettings(recipe.fields, isTiny ? { problems: 2, seconds: 2 } : {});
  const config = {
    ...{ id: 'bench', recipe: recipe.id, settings, seed: 1, totalSteps: steps, minutes: null, model: 'dial-0.8m' },
    ...{ level: 6, evaluateEvery: steps, evaluationProblems: isTiny ? 4 : 500, checkpointEvery: steps + 1 },
    createdAt: new Date().toISOString(),
  };
  const model = loadModel('dial-0.8m', files);
  const session = await RunSession.create({ config, model, logProbTolerance: 1e-3, testProblems: isTiny ? 4 : 1000 });
  const times: number[] = [];
  const lines: string[] = [];
  let last = performance.now();
  for await (const item of session.events()) {
    if (!('event' in item)) continue;
    if (item.event.type === 'run.stepped') times.push((performance.now() - last) / 1000);
    last = performance.now();
    if (item.event.type === 'run.finished') {
      const { before, after } = item.event;
      for (const [name, { greedy }] of [['before', before] as const, ['after', after] as const])
        lines.push(`${name}: ${percent(greedy.accuracyT1)} then ${percent(greedy.accuracyT2)}`);
    }
  }
  session.dispose();
  const seconds = times.reduce((sum, t) => sum + t, 0);
  print(`SCoRe on Dial                     ${steps} steps in ${round(seconds)} s; greedy, ${lines.join('; ')}`);
  const figures = { steps: times.length, seconds: round(seconds, 2), greedy: lines };
  event({ event: 'bench.measured', work: 'SCoRe', ...figures });
  return figures;
}

async function main(): Promise<void> {
  env().set('PROD', true);
  const { device, reason } = await startForTests(args.software ? 'swiftshader' : 'hardware');
  if (!device) throw new Error(`expected a GPU that Vulkan, Metal or Direct3D knows, got none: ${reason}.`);
  const { backend } = device;
  if (backend.isSoftware && !args.software) {
    throw new Error(`expected a GPU, got software that plays one (${reason}). Say --software if that is meant.`);
  }
  const features = [...backend.device.features].filter((name) => ['shader-f16', 'subgroups'].includes(name));
  print(`${reason}; Node ${process.versions.node}; ${features.join(', ') || 'no optional features'}`);
  const peak = await peakRate(backend, isTiny);
  print(`peak, multiply-adds               ${round(peak)} GFLOP/s`);
  const size = isTiny ? 64 : 2048;
  const product = await productRate(backend, size, false);
  const transposed = await productRate(backend, size, true);
  print(`product ${size}³                     ${round(product)} GFLOP/s, ${percent(product / peak)} of the peak`);
  print(`product ${size}³, B transposed       ${round(transposed)} GFLOP/s, ${percent(transposed / peak)} of the peak`);
  event({ event: 'bench.measured', work: 'products', peak: round(peak), product: round(product), transposed });
  const load = isTiny ? { batch: 2, time: 16 } : { batch: 16, time: 256 };
  const largeConfig = isTiny ? TINY : LARGE;
  const { side: _, ...large } = await trainingStep(
    backend,
    `training step ${load.batch} × ${load.time}, d ${largeConfig.hidden_size}`,
    largeConfig,
    load,
    peak,
  );
  const smallLoad = isTiny ? { batch: 2, time: 8 } : TRAIN_LOAD;
  const { side, ...small } = await trainingStep(backend, 'training step of the bench', BENCH_CONFIG, smallLoad, peak);
  let rollouts: number | null = null;
  if (!isTiny) {
    const seconds = await secondsOf(backend, () => side.rollout(), 3);
    rollouts = (ROLLOUT_LOAD.rows * ROLLOUT_LOAD.newTokens) / seconds;
    print(`rollouts                          ${round(rollouts, 0)} tokens/s`);
  }
  const here = join(import.meta.dirname, 'dial-0.8m');
  const folder = args.model ?? (existsSync(here) ? here : join('public', 'models', 'dial-0.8m'));
  const score = await practice(folder, Number(args.steps ?? (isTiny ? 1 : 60)));
  const jax = await jaxSteps(smallLoad);
  device.stop();
  if (typeof jax === 'string') print(`jax-js                            did not run here: ${jax}`);
  else print(`jax-js, training step of the bench ${round(jax, 0)} tokens/s, ours ${round(small.tok_s / jax, 2)} ×`);
  event({
    event: 'bench.finished',
    adapter: reason,
    ...{ features, peak_gflops: round(peak), product_gflops: round(product), product_share: round(product / peak, 4) },
    train_step: large,
    small_train_step: { ...small, jax_js_tok_s: typeof jax === 'number' ? round(jax, 0) : null },
    rollouts_tok_s: rollouts && round(rollouts, 0),
    score,
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`webgpu bench: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
