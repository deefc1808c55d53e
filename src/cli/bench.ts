// npm run bench [-- ops | score | growth | webgpu | smollm2 | holding] [--model FILE] [--json] [--rounds N] [--threads N] [--plain]: the training step and the rollouts of the bench
// model on our `simd` backend, on stock tfjs-wasm, on jax-js and on PyTorch, in turns, medians; matrix products beside the machine's
// peak. `ops`: single operations beside their composition of stock tfjs ops instead. `score`: where the time of a SCoRe step goes.
// `growth`: how it grows, drawn into docs/growth.svg. `webgpu`: calls of a step, counted. `smollm2`: a real model
// (realModel.ts). `holding`: what few bits per weight cost (holdings.ts).
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import '../ops/registerSimd';
import { OTHER_LOADS, ROLLOUT_LOAD, TRAIN_LOAD, type TrainLoad } from '../worker/benchModel';
import { oursSide, predictedBytes } from '../worker/benchSide';
import { compareSides } from './bench/compareSides';
import { drawGrowth, measureGrowth } from './bench/growth';
import { compareHoldings } from './bench/holdings';
import { measureMatmul, peakOfOneThread } from './bench/matmul';
import { opBenches, timeRun } from './bench/opBench';
import { type Peer, startNodePeer, startPytorch } from './bench/peers/peer';
import { benchRealModel } from './bench/realModel';
import { profileScoreStep } from './bench/scoreProfile';
import { heapGrowth, isDeterministic } from './bench/steadiness';
import { countWebgpu } from './bench/webgpuCounts';

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string' },
    plain: { type: 'boolean', default: false },
    model: { type: 'string', default: '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf' },
  },
});
const rounds = Number(args.rounds);
/** The other loads are asked about less often: the large one takes stock tfjs ten seconds. */
const OTHER_ROUNDS = 2;

const print = (line: string) => {
  if (!args.json) console.log(line);
};
const event = (fields: Record<string, unknown>) => {
  if (args.json) console.log(JSON.stringify(fields));
};
const round = (x: number, digits = 0) => Number(x.toFixed(digits));

const info = await startSimd({ threads: args.threads ? Number(args.threads) : null, relaxed: !args.plain });
const backend = simdBackend();
print(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`);
print(`ours            ${info.threads} threads, ${info.relaxedSimd ? 'relaxed' : 'plain'} SIMD`);

async function countForWebgpu() {
  const counts = await countWebgpu(TRAIN_LOAD);
  if (typeof counts === 'string') {
    print(`webgpu          not counted: ${counts}`);
    return null;
  }
  print(
    `webgpu          ${counts.dispatches_per_layer} dispatches per layer, ${counts.dispatches} dispatches, ${counts.submits_per_step} submits and ${counts.buffers_created} new buffers per step`,
  );
  return counts;
}

async function compareOps(): Promise<void> {
  const stock = await startNodePeer('stock tfjs', './stockProcess.ts', info.threads);
  for (const [index, bench] of opBenches.entries()) {
    const mine = timeRun(bench.ours());
    const { milliseconds } = await stock.run({ work: 'op', index });
    print(
      `${(milliseconds / mine).toFixed(1).padStart(6)} ×   ours ${mine.toFixed(3)} ms, stock ${milliseconds.toFixed(3)} ms   ${bench.title}`,
    );
    event({ event: 'bench.op', title: bench.title, ours_ms: mine, tfjs_wasm_ms: milliseconds });
  }
  stock.stop();
}

/** A table of the profile, with a bar as long as each part's share. */
async function showScoreStep(): Promise<void> {
  const { milliseconds, kernels, outside } = await profileScoreStep(backend);
  const share = (part: number) => part / milliseconds;
  const line = (name: string, calls: string, part: number) =>
    print(
      `${name.padEnd(22)}${calls.padStart(6)}${part.toFixed(2).padStart(10)} ms ${(100 * share(part)).toFixed(1).padStart(5)} %  ${'█'.repeat(Math.round(60 * share(part)))}`,
    );
  print(`one SCoRe step         ${milliseconds.toFixed(1)} ms, medians of single steps`);
  for (const { kernel, calls, milliseconds: part } of kernels) line(kernel, String(calls), part);
  line('outside the kernels', '', outside);
  const named = kernels.map(({ kernel, calls, milliseconds: part }) => ({ kernel, calls, ms: round(part, 3) }));
  const whole = { ms: round(milliseconds, 2), outside_ms: round(outside, 2), share_outside: round(share(outside), 4) };
  event({ event: 'bench.finished', score_step: { ...whole, kernels: named }, threads: info.threads });
}

async function showGrowth(): Promise<void> {
  const curves = await measureGrowth(!args.plain);
  for (const { title, unit, points } of curves) {
    const list = points.map(({ x, milliseconds }) => `${round(x, 2)}: ${milliseconds.toFixed(1)} ms`);
    print(`${title.padEnd(12)} ${list.join(', ')}${unit && `   (${unit})`}`);
  }
  writeFileSync(fileURLToPath(new URL('../../docs/growth.svg', import.meta.url)), drawGrowth(curves));
  event({ event: 'bench.finished', growth: curves });
}

/** By the names that the JSON carries. */
async function startPeers(): Promise<Map<string, Peer>> {
  const peers = new Map<string, Peer>();
  peers.set('tfjs_wasm', await startNodePeer('stock tfjs', './stockProcess.ts', info.threads));
  peers.set('jax_js', await startNodePeer('jax-js', './jaxProcess.ts', info.threads));
  const pytorch = await startPytorch(info.threads);
  if (typeof pytorch === 'string') print(`pytorch         not asked: ${pytorch}`);
  else peers.set('pytorch', pytorch);
  for (const [name, { version, threads }] of peers) print(`${name.padEnd(15)} ${version}, ${threads} threads`);
  return peers;
}

/** ours_tok_s, and for every peer its rate and ours divided by it; null where the peer is absent. */
function report(title: string, rates: Map<string, number>) {
  const ours = rates.get('ours') ?? Number.NaN;
  const fields: Record<string, number | null> = { ours_tok_s: round(ours) };
  for (const name of ['tfjs_wasm', 'jax_js', 'pytorch']) {
    const rate = rates.get(name);
    fields[`${name}_tok_s`] = rate === undefined ? null : round(rate);
    fields[`ratio_${name}`] = rate === undefined ? null : round(ours / rate, 2);
  }
  const beside = [...rates].slice(1).map(([name, rate]) => `${name} ${round(rate)} (${round(ours / rate, 2)} ×)`);
  print(`${title.padEnd(22)} ours ${round(ours)} tokens/s; ${beside.join(', ')}`);
  return fields;
}

async function compareEverything(): Promise<void> {
  const peers = await startPeers();
  const onRound = (work: string) => (n: number, rates: Map<string, number>) =>
    event({
      event: 'bench.measured',
      work,
      round: n,
      ...Object.fromEntries([...rates].map(([name, rate]) => [`${name}_tok_s`, round(rate)])),
    });
  const trainRates = (load: TrainLoad, ours: () => Promise<number>, count: number) =>
    compareSides({
      work: { work: 'trainStep', ...load },
      tokens: load.batch * load.time,
      ours,
      peers,
      rounds: count,
      onRound: onRound(`trainStep ${load.batch} × ${load.time}`),
    });

  const ours = oursSide(TRAIN_LOAD);
  const trainStep = report('training step 32 × 64', await trainRates(TRAIN_LOAD, ours.trainStep, rounds));
  const { peakBytes } = backend.statistics();
  const predicted = predictedBytes(TRAIN_LOAD);
  print(
    `memory                 ${(peakBytes / 2 ** 20).toFixed(1)} MiB at most in a training step, the formula says ${(predicted / 2 ** 20).toFixed(1)}`,
  );
  const { rows, newTokens } = ROLLOUT_LOAD;
  const rolloutRates = await compareSides({
    work: { work: 'rollout' },
    tokens: rows * newTokens,
    ours: ours.rollout,
    peers,
    rounds,
    onRound: onRound('rollout'),
  });
  const rollouts = report('rollouts', rolloutRates);
  const otherLoads = [];
  for (const load of OTHER_LOADS) {
    const side = oursSide(load);
    const rates = await trainRates(load, side.trainStep, OTHER_ROUNDS);
    otherLoads.push({ ...load, ...report(`training step ${load.batch} × ${load.time}`, rates) });
  }
  const versions = Object.fromEntries([...peers].map(([name, { version, threads }]) => [name, { version, threads }]));
  for (const peer of peers.values()) peer.stop();

  const peak = peakOfOneThread(backend);
  const products = measureMatmul(backend, peak);
  print(`peak            ${peak.toFixed(1)} GFLOP/s per thread (multiply-adds between registers)`);
  for (const { shape, gflops, shareOfPeak, threads } of products) {
    print(
      `product         ${gflops.toFixed(1).padStart(6)} GFLOP/s, ${(100 * shareOfPeak).toFixed(0)} % of ${threads} × peak   ${shape}`,
    );
  }
  await startSimd({ threads: 1, relaxed: !args.plain });
  const [alone] = measureMatmul(simdBackend(), peak);
  print(
    `one thread      ${alone.gflops.toFixed(1).padStart(6)} GFLOP/s, ${(100 * alone.shareOfPeak).toFixed(0)} % of the peak   ${alone.shape}`,
  );
  const heapBytes = await heapGrowth();
  print(`JavaScript      ${(heapBytes / 1024).toFixed(0)} KiB more heap after 500 steps`);
  const determinism = await isDeterministic(!args.plain);
  print(`determinism     the same bits with 1, 2 and 4 threads: ${determinism ? 'yes' : 'NO'}`);
  stopSimd();
  const webgpu = await countForWebgpu();
  event({
    event: 'bench.finished',
    train_step: trainStep,
    rollouts,
    other_loads: otherLoads,
    matmul: {
      gflops: round(products[0].gflops, 1),
      share_of_peak: round(products[0].shareOfPeak, 3),
      one_thread: { gflops: round(alone.gflops, 1), share_of_peak: round(alone.shareOfPeak, 3) },
      peak_per_thread: round(peak, 1),
      shapes: products.map((p) => ({
        shape: p.shape,
        gflops: round(p.gflops, 1),
        share_of_peak: round(p.shareOfPeak, 3),
      })),
    },
    determinism,
    heap_growth_bytes: heapBytes,
    webgpu,
    threads: info.threads,
    stock_threads: versions.tfjs_wasm.threads,
    peers: versions,
    relaxed_simd: info.relaxedSimd,
    peak_bytes: peakBytes,
    predicted_bytes: predicted,
  });
}

if (positionals.includes('ops')) await compareOps();
else if (positionals.includes('score')) await showScoreStep();
else if (positionals.includes('growth')) await showGrowth();
else if (positionals.includes('smollm2')) {
  const measured = await benchRealModel(args.model, { rounds, threads: info.threads, print });
  event({ event: 'bench.finished', smollm2: measured, threads: info.threads });
} else if (positionals.includes('holding'))
  event({ event: 'bench.finished', holdings: await compareHoldings(args.model, print) });
else if (positionals.includes('webgpu')) event({ event: 'bench.finished', webgpu: await countForWebgpu() });
else await compareEverything();
stopSimd();
process.exit(0);
