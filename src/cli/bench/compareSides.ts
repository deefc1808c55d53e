// Ours and the peers in turns, so that what disturbs the machine disturbs all of them; medians of medians.
import { median } from '../../worker/benchModel';
import type { Peer, PeerWork } from './peers/peer';

export interface Contest {
  work: PeerWork;
  /** tokens of one run */
  tokens: number;
  ours(): Promise<number>;
  peers: Map<string, Peer>;
  rounds: number;
  /** Called after every round that counts, with each side's tokens per second. */
  onRound?(round: number, rates: Map<string, number>): void;
}

/** Runs per round that one side repeats until it has worked this long, at most `MOST`, so that quick sides are not one lucky draw. */
const ROUND_MILLISECONDS = 600;
const MOST = 6;

async function rateOf(tokens: number, run: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  let spent = 0;
  while (times.length === 0 || (spent < ROUND_MILLISECONDS && times.length < MOST)) {
    const milliseconds = await run();
    times.push(milliseconds);
    spent += milliseconds;
  }
  return (1000 * tokens) / median(times);
}

/** Tokens per second of each side by name ("ours" first). The first round warms up and does not count. */
export async function compareSides(contest: Contest): Promise<Map<string, number>> {
  const { work, tokens, ours, peers, rounds, onRound } = contest;
  const runs = new Map<string, () => Promise<number>>([
    [
      'ours',
      async () => {
        const start = performance.now();
        await ours();
        return performance.now() - start;
      },
    ],
  ]);
  for (const [name, peer] of peers) runs.set(name, async () => (await peer.run(work)).milliseconds);
  const rates = new Map<string, number[]>([...runs.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const found = new Map<string, number>();
    for (const [name, run] of runs) found.set(name, await rateOf(tokens, run));
    if (round === 0) continue;
    for (const [name, rate] of found) rates.get(name)?.push(rate);
    onRound?.(round, found);
  }
  return new Map([...rates].map(([name, list]) => [name, median(list)]));
}
