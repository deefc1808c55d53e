// Entry of the process in which stock tfjs runs (its engine is global, so it cannot live beside ours): one piece of work per
// message, answered with its time.
import { ready, setBackend } from '@tensorflow/tfjs';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { benchWeights, TRAIN_LOAD } from './benchModel';
import { opBenches, timeRun } from './opBench';
import { stockSide } from './stockModel';
import { allowThreadsInNode } from './stockThreads';

/** A number asks for that entry of opBenches; its answer is the median time of one run. */
export type StockWork = 'trainStep' | 'rollout' | number;
/** `value`: the loss, or the tokens written. The first answer comes unasked, when the backend is ready. */
export interface StockAnswer {
  milliseconds: number;
  value: number;
  threads: number;
}

const threads = Number(process.argv[2]);
if (threads > 1) allowThreadsInNode(threads);
await setBackend('wasm');
await ready();
const side = stockSide(benchWeights(), TRAIN_LOAD);
const used = threads > 1 ? getThreadsCount() : 1;
const answer = (milliseconds: number, value: number) =>
  process.send!({ milliseconds, value, threads: used } satisfies StockAnswer);

process.on('message', async (work: StockWork) => {
  if (typeof work === 'number') {
    answer(timeRun(opBenches[work].stock()), 0);
    return;
  }
  const start = performance.now();
  const value = await side[work]();
  answer(performance.now() - start, value);
});
answer(0, 0);
