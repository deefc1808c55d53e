// Stock tfjs-wasm as the other side of the bench, in a process that sleeps while ours works.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StockAnswer, StockWork } from './stockProcess';

export interface Stock {
  threads: number;
  run(work: StockWork): Promise<StockAnswer>;
  stop(): void;
}

function nextAnswer(child: ChildProcess): Promise<StockAnswer> {
  return new Promise((resolve, reject) => {
    const fail = () =>
      reject(new Error('bench: expected an answer of the stock tfjs process, it ended. Its messages are above.'));
    child.once('exit', fail);
    child.once('message', (answer: StockAnswer) => {
      child.off('exit', fail);
      resolve(answer);
    });
  });
}

export async function startStock(threads: number): Promise<Stock> {
  // stdout belongs to the bench's own lines; tfjs greets on it.
  const child = fork(fileURLToPath(new URL('./stockProcess.ts', import.meta.url)), [String(threads)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const first = await nextAnswer(child);
  return {
    threads: first.threads,
    run(work) {
      const answer = nextAnswer(child);
      child.send(work);
      return answer;
    },
    stop: () => void child.kill(),
  };
}
