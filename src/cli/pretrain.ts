// npm run pretrain: trains a bundled model from random weights with our own trainer. Seeded, resumable, writes the folder of the
// model (Hugging Face layout), its curve and its card. -- --task dial|left --positions N --seed N --out DIR --threads N --fresh
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CounterRng, counterBits } from '../lib/counterRng';
import { createAdapter, readAdapter, restoreAdapter, trainables } from '../models/adapter';
import { DIAL_CHAT_TEMPLATE, DIAL_CONFIG, DIAL_TOKENIZER_CONFIG, dialInitialWeights } from '../models/dialLlama';
import { loadModel, type ModelFiles } from '../models/loadModel';
import type { NamedArray } from '../models/safetensors';
import { readSafetensors, writeSafetensors } from '../models/safetensors';
import { meanAndDeviation } from '../train/advantages';
import { crossEntropyStep } from '../train/crossEntropy';
import { createOptimizer, optimizerStep, readOptimizer, restoreOptimizer } from '../train/optimizer';
import { packDocuments } from '../train/packedDocuments';
import { warmupCosine } from '../train/schedules';
import { runProgram, startNodeEngine, stopNodeEngine } from './nodeEngine';
import { type CurvePoint, leftCard, modelCard } from './pretrainCard';
import { FAMILIES, type ModelFamily } from './pretrainFamilies';
import { measureCard, measurePoint } from './pretrainMeasures';
import { clearProgress, formatSeconds, showProgress } from './progress';

const CHECKPOINT_EVERY = 100;
const EVALUATE_EVERY = 0.5e6;

const { values: args } = parseArgs({
  options: {
    task: { type: 'string', default: 'dial' },
    positions: { type: 'string' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string' },
    threads: { type: 'string' },
    fresh: { type: 'boolean', default: false },
  },
});
const family = FAMILIES[args.task as keyof typeof FAMILIES] as ModelFamily | undefined;
if (!family) throw new RangeError(`--task: expected dial or left, got "${args.task}".`);
const { settings: SETTINGS } = family;
const out = args.out ?? join('public', 'models', family.id);
const seed = Number(args.seed);
const perStep = SETTINGS.rows * SETTINGS.rowLength;
const totalSteps = Math.round(Number(args.positions ?? family.positions) / perStep);
const cache = join('.cache', `pretrain-${args.task === 'dial' ? '' : `${args.task}-`}${seed}-${totalSteps}`);

const text = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`);

function modelFiles(weights: Iterable<NamedArray>, dtype: 'F32' | 'F16'): ModelFiles {
  return new Map([
    ['config.json', text(DIAL_CONFIG)],
    ['model.safetensors', writeSafetensors(weights, dtype)],
    ['tokenizer.json', text(family!.tokenizerJson())],
    ['tokenizer_config.json', text(DIAL_TOKENIZER_CONFIG)],
    ['chat_template.jinja', text(DIAL_CHAT_TEMPLATE)],
  ]);
}

interface Progress {
  step: number;
  optimizerStep: number;
  seconds: number;
  positions: number;
  curve: CurvePoint[];
}

/** Documents until the rows are full; a function of (seed, step). */
function batchOf(step: number, model: ReturnType<typeof loadModel>) {
  const rng = new CounterRng(seed, counterBits(seed, 0x70726574, step));
  const documents = [];
  for (let room = perStep * 0.97; room > 0; ) {
    const { messages, taught } = family!.drawDocument(rng);
    const encoded = model.chat.conversation(messages, taught);
    documents.push(encoded);
    room -= encoded.ids.length;
  }
  return packDocuments(documents, SETTINGS.rowLength, model.tokenizer.idOf('<pad>')!);
}

async function main(): Promise<void> {
  if (!Number.isInteger(seed) || !(totalSteps > 0)) {
    throw new RangeError(
      `pretrain: expected --seed and --positions to be whole numbers, got ${args.seed} and ${args.positions}.`,
    );
  }
  const engine = await startNodeEngine(args.threads ? Number(args.threads) : null);
  const model = loadModel(family!.id, modelFiles(dialInitialWeights(seed).values(), 'F32'));
  const full = { method: 'full' as const, r: 1, alpha: 1, targets: [] };
  const resumes = !args.fresh && existsSync(join(cache, 'progress.json'));
  const stored = resumes
    ? [...readSafetensors(await readFile(join(cache, 'state.safetensors')), 'state').values()]
    : [];
  const progress: Progress = resumes
    ? JSON.parse(await readFile(join(cache, 'progress.json'), 'utf8'))
    : { step: 0, optimizerStep: 0, seconds: 0, positions: 0, curve: [] };
  const adapter = resumes ? restoreAdapter(model, full, stored) : createAdapter(model, full, seed);
  const optimizer = createOptimizer(trainables(adapter));
  if (resumes) restoreOptimizer(optimizer, stored, progress.optimizerStep);
  console.error(
    `${resumes ? `resuming at step ${progress.step}` : 'training from random weights'}: ${totalSteps} steps, seed ${seed}, ${engine.threads} threads, ${engine.relaxedSimd ? 'relaxed' : 'plain'} SIMD`,
  );
  let smoothed = Number.NaN;
  for (let last = performance.now(); progress.step < totalSteps; ) {
    const batch = batchOf(progress.step, model);
    const { learningRate, beta1, beta2, weightDecay, warmup, floor, maxNorm } = SETTINGS;
    const rate = learningRate * warmupCosine(progress.step, totalSteps, warmup, floor);
    const loss = await crossEntropyStep(model, adapter, batch, async (grads, { logProb }) => {
      await optimizerStep(optimizer, grads, { learningRate: rate, beta1, beta2, eps: 1e-8, weightDecay, maxNorm });
      return -meanAndDeviation(logProb).mean;
    });
    smoothed = Number.isNaN(smoothed) ? loss : 0.95 * smoothed + 0.05 * loss;
    const before = progress.positions;
    progress.step++;
    progress.positions += batch.tokens;
    progress.optimizerStep = optimizer.step;
    const now = performance.now();
    progress.seconds += (now - last) / 1000;
    last = now;
    const left = (progress.seconds / progress.step) * (totalSteps - progress.step);
    showProgress(progress.step / totalSteps, left, `loss ${smoothed.toFixed(3)}`);
    const ends = progress.step === totalSteps;
    if (ends || Math.floor(before / EVALUATE_EVERY) !== Math.floor(progress.positions / EVALUATE_EVERY)) {
      const point = await measurePoint(family!.task, model, adapter, progress.positions, smoothed);
      progress.curve.push(point);
      clearProgress();
      console.error(
        `${(progress.positions / 1e6).toFixed(2)} M  loss ${smoothed.toFixed(3)}  greedy ${(100 * point.greedy.accuracyT1).toFixed(1)} → ${(100 * point.greedy.accuracyT2).toFixed(1)}  T=1 ${(100 * point.sampled.accuracyT1).toFixed(1)} → ${(100 * point.sampled.accuracyT2).toFixed(1)}  ${formatSeconds(progress.seconds)}`,
      );
      last = performance.now();
    }
    if (ends || progress.step % CHECKPOINT_EVERY === 0) {
      await mkdir(cache, { recursive: true });
      const state = [...(await readAdapter(adapter)), ...(await readOptimizer(optimizer))];
      await writeFile(join(cache, 'state.safetensors'), writeSafetensors(state, 'F32'));
      await writeFile(join(cache, 'progress.json'), JSON.stringify(progress));
    }
  }
  clearProgress();
  const files = modelFiles(await readAdapter(adapter), 'F16');
  await mkdir(out, { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(out, name), bytes);
  // The card speaks of the file that ships: measured on its float16 weights, loaded as everybody loads them.
  const shipped = loadModel(family!.id, files);
  const measured = await measureCard(args.task === 'left' ? 'left' : 'dial', shipped);
  const facts = {
    ...progress,
    ...engine,
    ...measured,
    seed,
    steps: totalSteps,
    parameters: shipped.parameters,
    settings: SETTINGS,
  };
  await writeFile(join(out, 'README.md'), args.task === 'left' ? leftCard(facts) : modelCard(facts));
  await writeFile(join(out, 'curve.json'), `${JSON.stringify(progress.curve, null, 1)}\n`);
  await rm(cache, { recursive: true });
  const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
  console.log(`${out}: ${(bytes / 1e6).toFixed(2)} MB, ${formatSeconds(progress.seconds)}`);
  stopNodeEngine();
}

await runProgram(main);
