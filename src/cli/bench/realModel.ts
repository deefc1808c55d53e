// npm run bench -- smollm2 --model FILE [--rounds N]: a real model on our engine with its base as the file holds it, beside PyTorch with
// the same weights in float32 (transformers and PEFT; asked of $BENCH_PYTHON). What is measured is what the reference figures of
// docs/performance.md name: a LoRA step (r = 8 on all linear layers) on 4 × 128 tokens, greedy generation of 64 tokens after 32 for 1
// and 16 rows, reading a prompt of 256 tokens, loading, the first token, memory.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { simdBackend } from '../../backend/simd/simd';
import { createAdapter, trainables } from '../../models/adapter';
import type { ModelDescription } from '../../models/files/modelDescription';
import { readFloats } from '../../models/files/storedFloats';
import type { LanguageModel } from '../../models/model';
import { openModel } from '../../models/openModel';
import { generate, readTokens } from '../../rollouts/generate';
import { KeyValueCache } from '../../rollouts/keyValueCache';
import { crossEntropyStep } from '../../train/crossEntropy';
import { createOptimizer, optimizerStep } from '../../train/optimizer';
import { BatchPacker } from '../../train/packedBatch';
import { describeModel } from '../nodeFiles';

const [ROWS, TIME, PROMPT, NEW, LONG] = [4, 128, 32, 64, 256];

export interface RealLoad {
  title: string;
  /** of which the rate is told */
  tokens: number;
  work: { work: 'train'; rows: number; time: number } | { work: 'generate'; rows: number; prompt: number; new: number };
}

const STEP: RealLoad = {
  title: `LoRA step ${ROWS} × ${TIME}`,
  tokens: ROWS * TIME,
  work: { work: 'train', rows: ROWS, time: TIME },
};

const LOADS: RealLoad[] = [
  { title: 'generation, 1 row', tokens: NEW, work: { work: 'generate', rows: 1, prompt: PROMPT, new: NEW } },
  { title: 'generation, 16 rows', tokens: 16 * NEW, work: { work: 'generate', rows: 16, prompt: PROMPT, new: NEW } },
  { title: `prompt of ${LONG}`, tokens: LONG, work: { work: 'generate', rows: 1, prompt: LONG, new: 1 } },
  // Last, because PEFT changes the peer's model in place.
  STEP,
];

/** Some token of row r, the same for every side. */
const tokenAt = (r: number, t: number, vocabulary: number) => (t * 7919 + r * 31 + 5) % vocabulary;

/** `cpu`: of all threads; what a busy machine does not spoil (with one thread, or it counts waiting as well). */
interface Times {
  seconds: number;
  cpu: number;
}

/** The work on our side. */
function oursWorks(model: LanguageModel): (load: RealLoad) => Promise<Times> {
  const { vocabulary } = model.architecture.shape;
  const adapter = createAdapter(model, { method: 'lora', r: 8, alpha: 16, targets: [] }, 1);
  const optimizer = createOptimizer(trainables(adapter));
  const packer = new BatchPacker();
  for (let r = 0; r < ROWS; r++) {
    const ids = Array.from({ length: TIME }, (_, t) => tokenAt(r, t, vocabulary));
    const row = packer.newRow();
    packer.append(row, ids);
    for (let t = 1; t < TIME; t++) packer.predict(row, t - 1, ids[t]);
  }
  const batch = packer.finish(0);
  const adam = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, maxNorm: 1 };
  // Nothing ends an answer.
  const endless: LanguageModel = { ...model, chat: { ...model.chat, endId: -1 } };
  const cache = new KeyValueCache(endless);
  return async ({ work }) => {
    const [start, before] = [performance.now(), process.cpuUsage()];
    if (work.work === 'train') {
      await crossEntropyStep(model, adapter, batch, (grads) => optimizerStep(optimizer, grads, adam));
    } else {
      cache.reset(work.rows, work.prompt + work.new + 1);
      const rows = Array.from({ length: work.rows }, () => ({ past: [], own: cache.allocate() }));
      const prompts = rows.map((_, r) => Int32Array.from({ length: work.prompt }, (_, t) => tokenAt(r, t, vocabulary)));
      const decoder = { model: endless, adapter: null, cache };
      const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: work.new, seed: 0 };
      await generate(decoder, rows, readTokens(decoder, rows, prompts), new Int32Array(work.rows), sampling);
    }
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
  };
}

/** The weights in float32 as a folder that transformers reads, tensor by tensor. */
async function writeFloats({ config, tensors }: ModelDescription): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-model-'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, torch_dtype: 'float32', dtype: 'float32' }));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const [name, { shape }] of tensors.tensors) {
    const bytes = 4 * shape.reduce((product, n) => product * n, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text + ' '.repeat((8 - (text.length % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const out = createWriteStream(join(folder, 'model.safetensors'));
  out.write(length);
  out.write(head);
  for (const tensor of tensors.tensors.values()) {
    const values = await readFloats(tensor);
    if (!out.write(Buffer.from(values.buffer))) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return folder;
}

interface TorchAnswer extends Times {
  peakBytes: number;
  version?: string;
}

/** PyTorch on the same weights, or why it is not asked. */
async function startTorch(description: ModelDescription, threads: number) {
  const python = process.env.BENCH_PYTHON || 'python3';
  const probe = spawnSync(python, ['-c', 'import torch, transformers, peft'], { encoding: 'utf8' });
  if (probe.status !== 0) return `${python} has no torch with transformers and peft (BENCH_PYTHON names another)`;
  const folder = await writeFloats(description);
  const script = fileURLToPath(new URL('./peers/torchModel.py', import.meta.url));
  const child = spawn(python, ['-u', '-W', 'ignore', script, folder, String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<TorchAnswer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('bench: expected an answer of PyTorch, its process ended. See above.');
    return JSON.parse(value);
  };
  const { version = '' } = await answer();
  return {
    version,
    run(load: RealLoad): Promise<TorchAnswer> {
      child.stdin.write(`${JSON.stringify(load.work)}\n`);
      return answer();
    },
    stop() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/** Rates in tokens per second; `best` beside medians, because a busy machine only ever slows. */
export async function benchRealModel(
  file: string,
  { rounds, threads, print }: { rounds: number; threads: number; print: (line: string) => void },
) {
  const started = performance.now();
  const description = await describeModel(file);
  const model = await openModel(description, { id: file });
  const loadSeconds = (performance.now() - started) / 1000;
  const ours = oursWorks(model);
  const prompt: RealLoad = { title: '', tokens: 1, work: { work: 'generate', rows: 1, prompt: PROMPT, new: 1 } };
  await ours(prompt);
  const firstTokenSeconds = (performance.now() - started) / 1000;
  print(
    `model           ${(model.bytes / 1e6).toFixed(0)} MB resident, loaded in ${loadSeconds.toFixed(2)} s, first token ${firstTokenSeconds.toFixed(2)} s after the start of loading`,
  );
  simdBackend().heap.forgetPeak();
  await ours(STEP);
  const { peakBytes } = simdBackend().statistics();
  const torch = await startTorch(description, threads);
  print(typeof torch === 'string' ? `pytorch         not asked: ${torch}` : `pytorch         ${torch.version}`);
  const results = [];
  let torchPeak = 0;
  for (const load of LOADS) {
    const sides: Record<'ours' | 'pytorch', Times[]> = { ours: [], pytorch: [] };
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      const mine = await ours(load);
      const theirs = typeof torch === 'string' ? null : await torch.run(load);
      torchPeak = Math.max(torchPeak, theirs?.peakBytes ?? 0);
      if (round === 0) continue;
      sides.ours.push(mine);
      if (theirs) sides.pytorch.push(theirs);
    }
    const rate = (seconds: number | undefined) => (seconds ? Number((load.tokens / seconds).toFixed(1)) : null);
    const rates = (times: Times[]) => ({
      tok_s: rate(median(times.map(({ seconds }) => seconds))),
      best: rate(Math.min(...times.map(({ seconds }) => seconds))),
      per_cpu_s: rate(median(times.map(({ cpu }) => cpu))),
    });
    const result = {
      load: load.title,
      ours: rates(sides.ours),
      pytorch: sides.pytorch.length ? rates(sides.pytorch) : null,
    };
    results.push(result);
    const told = ({ tok_s, best, per_cpu_s }: ReturnType<typeof rates>) =>
      `${tok_s} tokens/s (best ${best}; ${per_cpu_s} per CPU second)`;
    print(
      `${load.title.padEnd(22)} ours ${told(result.ours)}${result.pytorch ? `, PyTorch ${told(result.pytorch)}` : ''}`,
    );
  }
  if (typeof torch !== 'string') torch.stop();
  const rss = process.resourceUsage().maxRSS * 1024;
  print(
    `memory                 engine ${(peakBytes / 2 ** 20).toFixed(0)} MiB in a LoRA step, process ${(rss / 2 ** 20).toFixed(0)} MiB${torchPeak ? `, PyTorch ${(torchPeak / 2 ** 20).toFixed(0)} MiB` : ''}`,
  );
  await description.tensors.close();
  return {
    load_s: loadSeconds,
    first_token_s: firstTokenSeconds,
    engine_peak_bytes: peakBytes,
    rss_bytes: rss,
    results,
  };
}
