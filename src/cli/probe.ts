// npm run probe -- --model DIR|FILE [--adapter DIR[=WEIGHT] …] (--text "…" | --ids 1,2,3) [--generate N] [--backend simd|webgpu] [--threads N] --json
// What a model on disk computes, as one line of JSON: for every position log Σ exp of the logits and the 20 largest of them, then N
// greedy tokens. They end early only at the end token of a chat template; without one the model writes all N.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { dispose, slice, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { type Adapter, disposeAdapter } from '../models/adapter';
import { blendAdapters } from '../models/blendAdapters';
import { type LanguageModel, logitsOf } from '../models/model';
import { openModel } from '../models/openModel';
import { generate } from '../rollouts/generate';
import { type CachedRow, KeyValueCache } from '../rollouts/keyValueCache';
import { runProgram, startNodeEngine, stopNodeEngine } from './nodeEngine';
import { describeModel, openAdapter } from './nodeFiles';

const { values: args } = parseArgs({
  options: {
    model: { type: 'string' },
    adapter: { type: 'string', multiple: true, default: [] },
    text: { type: 'string' },
    ids: { type: 'string' },
    generate: { type: 'string', default: '0' },
    backend: { type: 'string', default: 'simd' },
    threads: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** Positions whose logits are held at once. */
const ROWS = 32;
const TOP = 20;

interface Positions {
  logsumexp: number[];
  top20_ids: number[][];
  top20_logits: number[][];
}

async function startEngine(): Promise<() => void> {
  if (args.backend === 'simd') {
    await startNodeEngine(args.threads === undefined ? null : Number(args.threads));
    return stopNodeEngine;
  }
  if (args.backend !== 'webgpu') throw new RangeError(`--backend: expected simd or webgpu, got "${args.backend}".`);
  await import('../ops/registerWebgpu');
  const { startForTests } = await import('../backend/webgpu/startForTests');
  const { device, reason } = await startForTests();
  if (!device) throw new RangeError(`--backend webgpu: expected a GPU or SwiftShader, got none: ${reason}.`);
  return () => device.stop();
}

function idsOf(model: LanguageModel): number[] {
  if ((args.text === undefined) === (args.ids === undefined))
    throw new RangeError('probe: expected either --text "…" or --ids 1,2,3.');
  if (args.text !== undefined) return model.tokenizer.encodeDocument(args.text).ids;
  const { vocabulary } = model.architecture.shape;
  return (args.ids ?? '').split(',').map((text) => {
    const id = Number(text);
    if (text.trim() === '' || !Number.isInteger(id) || id < 0 || id >= vocabulary)
      throw new RangeError(`--ids: expected whole numbers from 0 to ${vocabulary - 1}, got "${text}".`);
    return id;
  });
}

/** log Σ exp in float64, and the largest logits in order. */
function statisticsOf(logits: Float32Array): { logsumexp: number; ids: number[]; logits: number[] } {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of logits) largest = Math.max(largest, value);
  let total = 0;
  for (const value of logits) total += Math.exp(value - largest);
  const top: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    if (top.length === TOP && logits[id] <= logits[top[TOP - 1]]) continue;
    let at = top.length;
    while (at > 0 && logits[top[at - 1]] < logits[id]) at--;
    top.splice(at, 0, id);
    top.length = Math.min(top.length, TOP);
  }
  return { logsumexp: largest + Math.log(total), ids: top, logits: top.map((id) => logits[id]) };
}

async function readPositions(model: LanguageModel, adapter: Adapter | null, hidden: Tensor2D): Promise<Positions> {
  const { vocabulary } = model.architecture.shape;
  const [time, width] = hidden.shape;
  const result: Positions = { logsumexp: [], top20_ids: [], top20_logits: [] };
  for (let first = 0; first < time; first += ROWS) {
    const count = Math.min(ROWS, time - first);
    const logits = tidy(() => logitsOf(model, adapter, slice(hidden, [first, 0], [count, width])));
    const values = Float32Array.from(await logits.data());
    logits.dispose();
    for (let t = 0; t < count; t++) {
      const found = statisticsOf(values.subarray(t * vocabulary, (t + 1) * vocabulary));
      result.logsumexp.push(found.logsumexp);
      result.top20_ids.push(found.ids);
      result.top20_logits.push(found.logits);
    }
  }
  return result;
}

async function probe(model: LanguageModel, adapter: Adapter | null, ids: number[], count: number) {
  const { maxPositions } = model.architecture.shape;
  if (ids.length === 0) throw new RangeError('probe: expected at least one token, got an empty text.');
  if (ids.length + count > maxPositions)
    throw new RangeError(`probe: expected at most ${maxPositions} positions, got ${ids.length} and ${count} more.`);
  const cache = new KeyValueCache(model);
  cache.reset(1, ids.length + count + 1);
  const row: CachedRow = { past: [], own: cache.allocate() };
  const positions = Int32Array.from(ids.keys());
  const hidden = cache.read(adapter, [row], Int32Array.from(ids), positions, ids.length);
  row.own.length = ids.length;
  const statistics = await readPositions(model, adapter, hidden);
  let written: number[] = [];
  if (count > 0) {
    const last = tidy(() => logitsOf(model, adapter, slice(hidden, [ids.length - 1, 0], [1, hidden.shape[1]])));
    const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: count, seed: 0 };
    const [turn] = await generate({ model, adapter, cache }, [row], last, new Int32Array(1), sampling);
    written = [...turn.tokens];
  }
  dispose(hidden);
  cache.dispose();
  return { ...statistics, greedy_ids: written };
}

/** null where the files hold no tokenizer. */
function textOf(model: LanguageModel, hasTokenizer: boolean, ids: number[]): string | null {
  return hasTokenizer ? model.tokenizer.decode(ids) : null;
}

/** null without any; several, or one with a weight, are blended. */
async function adapterOf(model: LanguageModel, folders: string[]): Promise<Adapter | null> {
  const shares = folders.map(async (text) => {
    const [, folder, weight] = /^(.*)=(-?[\d.]+)$/.exec(text) ?? [text, text, '1'];
    return { adapter: await openAdapter(model, folder), weight: Number(weight) };
  });
  const opened = await Promise.all(shares);
  if (opened.length === 0) return null;
  if (opened.length === 1 && opened[0].weight === 1) return opened[0].adapter;
  const blend = blendAdapters(opened);
  for (const { adapter } of opened) disposeAdapter(adapter);
  return blend;
}

async function main(): Promise<void> {
  if (!args.model) throw new RangeError('probe: expected --model DIR|FILE.');
  const count = Number(args.generate);
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`--generate: expected a whole number from 0, got "${args.generate}".`);
  const stop = await startEngine();
  const begun = performance.now();
  const description = await describeModel(args.model);
  const model = await openModel(description, { id: args.model });
  await description.tensors.close();
  const adapter = await adapterOf(model, args.adapter);
  const seconds = (performance.now() - begun) / 1000;
  const ids = idsOf(model);
  const result = await probe(model, adapter, ids, count);
  const line = {
    ids,
    ...result,
    greedy_text: textOf(model, description.tokenizer !== null, result.greedy_ids),
    load_s: Math.round(seconds * 1000) / 1000,
    peak_bytes: process.resourceUsage().maxRSS * 1024,
  };
  console.log(args.json ? JSON.stringify(line) : JSON.stringify(line, null, 1));
  stop();
}

await runProgram(main);
