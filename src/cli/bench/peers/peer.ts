// The other sides of the bench. Each runs in a process of its own (engines are global, and what sleeps disturbs nobody) and
// answers one piece of work per message with its time.
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ADAMW, BENCH_CONFIG, benchTokens, benchWeights, ROLLOUT_LOAD } from '../../../worker/benchModel';

export type PeerWork =
  | { work: 'trainStep'; batch: number; time: number }
  | { work: 'rollout' }
  /** an entry of opBenches; the answer's time is the median of one run */
  | { work: 'op'; index: number };

/** `value`: the loss, or the tokens written. The first answer comes unasked, when the peer is ready. */
export interface PeerAnswer {
  milliseconds: number;
  value: number;
  threads: number;
  /** what runs there, e.g. "2.13.0+cpu"; in the first answer */
  version?: string;
}

export interface Peer {
  version: string;
  threads: number;
  run(work: PeerWork): Promise<PeerAnswer>;
  stop(): void;
}

/** @param listen hands on every answer @param send takes one piece of work */
async function meet(
  name: string,
  child: ChildProcess,
  listen: (heard: (answer: PeerAnswer) => void) => void,
  send: (work: PeerWork) => void,
): Promise<Peer> {
  let settle: { resolve(answer: PeerAnswer): void; reject(error: Error): void } | null = null;
  const next = () =>
    new Promise<PeerAnswer>((resolve, reject) => {
      settle = { resolve, reject };
    });
  const first = next();
  listen((answer) => settle?.resolve(answer));
  const fail = () => settle?.reject(new Error(`bench: expected an answer of ${name}, its process ended. See above.`));
  child.once('exit', fail);
  child.once('error', fail);
  const { threads, version = '' } = await first;
  return {
    version,
    threads,
    run(work) {
      const answer = next();
      send(work);
      return answer;
    },
    stop: () => void child.kill(),
  };
}

/** A peer written for Node: `file` stands beside this one. */
export function startNodePeer(name: string, file: string, threads: number): Promise<Peer> {
  // stdout belongs to the bench's own lines; libraries greet on it.
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [String(threads)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return meet(
    name,
    child,
    (heard) => child.on('message', (answer) => heard(answer as PeerAnswer)),
    (work) => void child.send(work),
  );
}

/** Weights and tokens of the bench as raw numbers and a list of contents, for programs that cannot draw ours. */
function writeBenchInputs(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-inputs-'));
  const weights = [...benchWeights().values()];
  writeFileSync(path.join(folder, 'weights.f32'), Buffer.concat(weights.map(({ data }) => bytesOf(data))));
  writeFileSync(path.join(folder, 'tokens.i32'), bytesOf(benchTokens(64 * 129)));
  const contents = { config: BENCH_CONFIG, adamw: ADAMW, rollout: ROLLOUT_LOAD };
  const tensors = weights.map(({ name, shape }) => ({ name, shape }));
  writeFileSync(path.join(folder, 'inputs.json'), JSON.stringify({ ...contents, tensors }));
  return folder;
}

const bytesOf = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/**
 * PyTorch, when a Python with torch is there: $BENCH_PYTHON, or python3.
 * @returns the reason where it is not
 */
export async function startPytorch(threads: number): Promise<Peer | string> {
  const python = process.env.BENCH_PYTHON || 'python3';
  const probe = spawnSync(python, ['-c', 'import torch'], { encoding: 'utf8' });
  if (probe.error) return `no ${python} on this machine (BENCH_PYTHON names another)`;
  if (probe.status !== 0) return `${python} has no module torch (BENCH_PYTHON names another Python)`;
  const script = fileURLToPath(new URL('./pytorchStep.py', import.meta.url));
  const child = spawn(python, ['-u', '-W', 'ignore', script, writeBenchInputs(), String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return meet(
    'PyTorch',
    child,
    (heard) => createInterface({ input: child.stdout }).on('line', (line) => heard(JSON.parse(line) as PeerAnswer)),
    (work) => void child.stdin.write(`${JSON.stringify(work)}\n`),
  );
}
