// npm run bench [-- ops] [--json] [--rounds N] [--threads N] [--plain]: the training step and the rollouts of the bench model on our
// `simd` backend and on stock tfjs-wasm, alternating in the same run, medians; matrix products beside the machine's peak. With `ops`: single
// operations beside their composition of stock tfjs ops instead.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import '../ops/registerSimd';
import { median, TRAIN_LOAD } from './bench/benchModel';
import { measureMatmul, peakOfOneThread } from './bench/matmul';
import { opBenches, timeRun } from './bench/opBench';
import { oursSide } from './bench/ours';
import { startStock } from './bench/stock';

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string' },
    plain: { type: 'boolean', default: false },
  },
});
/** Repetitions of our (shorter) work per round and repetition of stock's. */
const OURS_PER_ROUND = 6;

const print = (line: string) => {
  if (!args.json) console.log(line);
};
const event = (fields: Record<string, unknown>) => {
  if (args.json) console.log(JSON.stringify(fields));
};
const round = (x: number, digits = 0) => Number(x.toFixed(digits));

const info = await startSimd({ threads: args.threads ? Number(args.threads) : null, relaxed: !args.plain });
const backend = simdBackend();
const stock = await startStock(info.threads);
const ours = oursSide(TRAIN_LOAD);
print(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`);
print(
  `ours: ${info.threads} threads, ${info.relaxedSimd ? 'relaxed' : 'plain'} SIMD; stock tfjs-wasm: ${stock.threads} threads`,
);

/** Tokens per second of both sides, measured in turns. The first round warms up and does not count. */
async function compare(work: 'trainStep' | 'rollout', tokensPerRun: number) {
  const mine: number[] = [];
  const theirs: number[] = [];
  const rounds = Number(args.rounds);
  for (let i = 0; i <= rounds; i++) {
    const times: number[] = [];
    for (let repeat = 0; repeat < OURS_PER_ROUND; repeat++) {
      const start = performance.now();
      await ours[work]();
      times.push(performance.now() - start);
    }
    const { milliseconds } = await stock.run(work);
    if (i === 0) continue;
    mine.push((1000 * tokensPerRun) / median(times));
    theirs.push((1000 * tokensPerRun) / milliseconds);
    event({
      event: 'bench.measured',
      work,
      round: i,
      ours_tok_s: round(mine[i - 1]),
      tfjs_wasm_tok_s: round(theirs[i - 1]),
    });
  }
  const [oursRate, stockRate] = [median(mine), median(theirs)];
  return {
    ours_tok_s: round(oursRate),
    tfjs_wasm_tok_s: round(stockRate),
    ratio_tfjs_wasm: round(oursRate / stockRate, 2),
  };
}

if (positionals.includes('ops')) {
  for (const [i, bench] of opBenches.entries()) {
    const mine = timeRun(bench.ours());
    const { milliseconds } = await stock.run(i);
    print(
      `${(milliseconds / mine).toFixed(1).padStart(6)} ×   ours ${mine.toFixed(3)} ms, stock ${milliseconds.toFixed(3)} ms   ${bench.title}`,
    );
    event({ event: 'bench.op', title: bench.title, ours_ms: mine, tfjs_wasm_ms: milliseconds });
  }
  stock.stop();
  stopSimd();
  process.exit(0);
}

const trainStep = await compare('trainStep', TRAIN_LOAD.batch * TRAIN_LOAD.time);
print(
  `training step   ours ${trainStep.ours_tok_s} tokens/s, stock ${trainStep.tfjs_wasm_tok_s}: ${trainStep.ratio_tfjs_wasm} ×`,
);
const { peakBytes } = backend.statistics();
print(`memory          ${(peakBytes / 2 ** 20).toFixed(1)} MiB at most in a training step`);
const tokens = await ours.rollout();
const rollouts = await compare('rollout', tokens);
print(
  `rollouts        ours ${rollouts.ours_tok_s} tokens/s, stock ${rollouts.tfjs_wasm_tok_s}: ${rollouts.ratio_tfjs_wasm} ×`,
);
stock.stop();

const peak = peakOfOneThread(backend);
const products = measureMatmul(backend, peak);
print(`peak            ${peak.toFixed(1)} GFLOP/s per thread (multiply-adds between registers)`);
for (const { shape, gflops, shareOfPeak } of products) {
  print(
    `product         ${gflops.toFixed(1).padStart(6)} GFLOP/s, ${(100 * shareOfPeak).toFixed(0)} % of ${info.threads} × peak   ${shape}`,
  );
}
await startSimd({ threads: 1, relaxed: !args.plain });
const [alone] = measureMatmul(simdBackend(), peak);
print(
  `one thread      ${alone.gflops.toFixed(1).padStart(6)} GFLOP/s, ${(100 * alone.shareOfPeak).toFixed(0)} % of the peak   ${alone.shape}`,
);
event({
  event: 'bench.finished',
  train_step: trainStep,
  rollouts,
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
  threads: info.threads,
  stock_threads: stock.threads,
  relaxed_simd: info.relaxedSimd,
  peak_bytes: peakBytes,
});
stopSimd();
process.exit(0);
