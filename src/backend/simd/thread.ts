// A helper thread in the browser: runs the loop inside WASM until it is told to stop. (Node's twin is in threads.ts.)
import type { ThreadStart } from './threadMessage';

addEventListener('message', (event: MessageEvent<ThreadStart>) => {
  const { module, memory, id } = event.data;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const words = new Int32Array(memory.buffer);
  const address = (name: string) => (exports[name] as WebAssembly.Global).value / 4;
  postMessage('ready');
  try {
    (exports.threadLoop as (id: number) => void)(id);
  } catch (error) {
    // The caller is waiting for this thread's chunk: it must hear of it through the memory, not through a message.
    Atomics.store(words, address('faultAddress'), 1);
    throw error;
  }
});
