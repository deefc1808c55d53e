// What must not change from step to step: the bits with the number of threads, and the size of JavaScript's heap.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startSimd } from '../../backend/simd/simd';
import { oursSide } from '../../worker/benchSide';

const THREADS = [1, 2, 4];
const STEPS = 3;
const SMALL_LOAD = { batch: 6, time: 40 };

/** Whether training steps give the same losses, to the last bit, with 1, 2 and 4 threads. Starts `simd` anew. */
export async function isDeterministic(relaxed: boolean): Promise<boolean> {
  const losses: string[] = [];
  for (const threads of THREADS) {
    await startSimd({ threads, relaxed });
    const side = oursSide(SMALL_LOAD);
    const seen: number[] = [];
    for (let i = 0; i < STEPS; i++) seen.push(await side.trainStep());
    losses.push(seen.join());
  }
  return losses.every((list) => list === losses[0]);
}

const COUNTED_STEPS = 500;

/** Bytes by which JavaScript's heap grows over 500 training steps after a warm-up, garbage collected before both looks. */
export async function heapGrowth(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const side = oursSide({ batch: 2, time: 16 });
  for (let i = 0; i < 50; i++) await side.trainStep();
  const before = used();
  for (let i = 0; i < COUNTED_STEPS; i++) await side.trainStep();
  return used() - before;
}
