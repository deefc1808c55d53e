// What a peer written for Node does: answers one piece of work per message with its time.
import type { TrainLoad } from '../../../worker/benchModel';
import type { BenchSide } from '../../../worker/benchSide';
import type { PeerAnswer, PeerWork } from './peer';

export interface PeerParts {
  version: string;
  threads: number;
  side(load: TrainLoad): BenchSide;
  /** @returns the median time of one run of that operation, in milliseconds */
  op?(index: number): number;
}

export function answerWork({ version, threads, side, op }: PeerParts): void {
  const sides = new Map<string, BenchSide>();
  const sideOf = (load: TrainLoad) => {
    const key = `${load.batch} × ${load.time}`;
    const found = sides.get(key) ?? side(load);
    sides.set(key, found);
    return found;
  };
  const answer = (fields: Omit<PeerAnswer, 'threads'>) => process.send?.({ ...fields, threads } satisfies PeerAnswer);
  process.on('message', async (message: PeerWork) => {
    if (message.work === 'op') {
      answer({ milliseconds: op?.(message.index) ?? 0, value: 0 });
      return;
    }
    const load = message.work === 'trainStep' ? message : { batch: 1, time: 1 };
    const worker = sideOf(load);
    const start = performance.now();
    const value = await worker[message.work]();
    answer({ milliseconds: performance.now() - start, value });
  });
  answer({ milliseconds: 0, value: 0, version });
}
