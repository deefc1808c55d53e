// How fast the engine teaches and runs a model of the bundled one's size (random weights, batches of 8 rows): for the self-test.
import type { ModelSpeed } from '../protocol/events';
import { benchArchitecture, median } from './benchModel';
import { oursSide } from './benchSide';
import { letMessagesIn } from './turnstile';

const LEARNING = { batch: 8, time: 64 };
const WRITING = { rows: 8, promptTokens: 24, newTokens: 64 };

/** Uncounted runs: the first ones compile and fill the pools. */
const WARM_UP = 2;
/** A graphics card that software plays needs seconds a run: three say enough then. */
const FEWEST = 3;
const MOST = 60;
const LONG_ENOUGH_MS = 2000;

/** Tokens a second of work that says how many tokens it went through. */
async function rateOf(work: () => Promise<number>): Promise<{ tokensPerSecond: number; runs: number }> {
  for (let i = 0; i < WARM_UP; i++) await work();
  const rates: number[] = [];
  const start = performance.now();
  while (rates.length < FEWEST || (rates.length < MOST && performance.now() - start < LONG_ENOUGH_MS)) {
    const before = performance.now();
    const tokens = await work();
    rates.push((tokens * 1000) / (performance.now() - before));
    await letMessagesIn();
  }
  return { tokensPerSecond: median(rates), runs: rates.length };
}

export async function measureModel(): Promise<ModelSpeed> {
  const side = oursSide(LEARNING, undefined, undefined, undefined, WRITING);
  try {
    const learning = await rateOf(async () => {
      await side.trainStep();
      return LEARNING.batch * LEARNING.time;
    });
    const writing = await rateOf(side.rollout);
    const sizes = [...benchArchitecture().tensors.values()].map((shape) =>
      shape.reduce((product, n) => product * n, 1),
    );
    return {
      parameters: sizes.reduce((sum, n) => sum + n, 0),
      learning: { rows: LEARNING.batch, tokens: LEARNING.time, ...learning },
      writing: { rows: WRITING.rows, tokens: WRITING.newTokens, ...writing },
    };
  } finally {
    side.dispose();
  }
}
