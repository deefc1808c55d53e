// Recipes on a random model of one layer and a task it can learn in a few steps: run, stop anywhere, go on from a snapshot.
import { CounterRng } from '../../lib/counterRng';
import { createAdapter, disposeAdapter, readAdapter, restoreAdapter, trainables } from '../../models/adapter';
import { DIAL_CHAT_TEMPLATE, DIAL_CONFIG, dialTokenizerJson } from '../../models/dialLlama';
import { llama, readLlamaConfig } from '../../models/llama';
import { placeModel } from '../../models/loadModel';
import type { LanguageModel } from '../../models/model';
import type { NamedArray } from '../../models/safetensors';
import type { MetricRow } from '../../protocol/events';
import { checkSettings, type Settings } from '../../protocol/fields';
import type { TraceChunk } from '../../protocol/trace';
import type { Task } from '../../rewards/task';
import { KeyValueCache } from '../../rollouts/keyValueCache';
import { createChat } from '../../tokenizers/chat';
import { readTokenizer } from '../../tokenizers/tokenizer';
import { disposeAside, readAside, restoreAside } from '../../train/asideAdapters';
import { createOptimizer, disposeOptimizer, readOptimizer, restoreOptimizer } from '../../train/optimizer';
import type { Recipe } from '../recipe';

/** Right iff no word is a spare vocabulary entry: a random model is right now and then. */
export const plainWords: Task<number> = {
  id: 'plain words',
  instruction: 'Is it correct?',
  review: { question: 'Is it correct?', maxTokens: 1, approves: (feedback) => feedback === 'yes' },
  reflection: {
    question: '<spare_10>',
    maxTokens: 2,
    teach: (rng, problem) => ({
      messages: [
        { role: 'user', content: `dial ${problem}` },
        { role: 'assistant', content: `<spare_${rng.integer(12)}>` },
        { role: 'user', content: '<spare_10>' },
        { role: 'assistant', content: 'no' },
        { role: 'user', content: 'Is it correct?' },
        { role: 'assistant', content: String(rng.integer(12)) },
      ],
      taught: [3, 5],
    }),
  },
  maxTokens: 2,
  draw: (rng, _slice, count) => Array.from({ length: count }, () => 1 + rng.integer(11)),
  ask: (problem) => [{ role: 'user', content: `dial ${problem}` }],
  solve: (rng) => String(rng.integer(12)),
  mistake: (rng) => `<spare_${rng.integer(12)}>`,
  verify: (_problem, answer) => ({ correct: !answer.includes('<spare_'), wellFormed: true, terms: {} }),
};

export function tinyModel(): LanguageModel {
  const architecture = llama(
    readLlamaConfig({ ...DIAL_CONFIG, num_hidden_layers: 1, hidden_size: 32, intermediate_size: 32, head_dim: 8 }),
  );
  const tokenizer = readTokenizer(dialTokenizerJson());
  const chat = createChat(tokenizer, DIAL_CHAT_TEMPLATE, '<|end|>');
  const rng = new CounterRng(3, 3);
  const weights = new Map(
    [...architecture.tensors].map(([name, shape]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : 0.3 * rng.normal()));
      return [name, { name, shape, data }];
    }),
  );
  return placeModel('tiny', architecture, weights, { tokenizer, chat });
}

/** What a checkpoint holds. */
export interface Snapshot {
  step: number;
  updates: number;
  tensors: NamedArray[];
}

export interface Trial {
  rows: MetricRow[];
  stages: string[];
  traces: TraceChunk[];
  /** after the last step */
  end: Snapshot;
}

export interface TrialOptions {
  settings?: Settings;
  totalSteps: number;
  /** leave after so many steps in all */
  stopAt?: number;
  from?: Snapshot;
  task?: Task<number>;
}

export async function tryRecipe(model: LanguageModel, recipe: Recipe, options: TrialOptions): Promise<Trial> {
  const settings = checkSettings(recipe.fields, options.settings ?? {});
  const config = recipe.adapter(settings);
  const { from, totalSteps } = options;
  const adapter = from ? restoreAdapter(model, config, from.tensors) : createAdapter(model, config, 5);
  const aside = restoreAside(model, config, from?.tensors ?? []);
  const state = { step: from?.step ?? 0, adapter, optimizer: createOptimizer(trainables(adapter)), aside };
  if (from) restoreOptimizer(state.optimizer, from.tensors, from.updates);
  const cache = new KeyValueCache(model);
  const task = (options.task ?? plainWords) as Task<unknown>;
  const job = { model, task, settings, seed: 5, totalSteps, state, cache, logProbTolerance: 1e-4 };
  const trial: Omit<Trial, 'end'> = { rows: [], stages: [], traces: [] };
  for await (const event of recipe.run(job)) {
    if (event.type === 'stage.entered') {
      trial.stages.push(event.stage);
      continue;
    }
    trial.rows.push(event.metrics);
    if (event.traces) trial.traces.push(event.traces);
    if (event.step === options.stopAt) break;
  }
  const parts = [readAdapter(state.adapter), readOptimizer(state.optimizer), readAside(state.aside)];
  const end = { step: state.step, updates: state.optimizer.step, tensors: (await Promise.all(parts)).flat() };
  disposeOptimizer(state.optimizer);
  disposeAdapter(state.adapter);
  disposeAside(state.aside);
  cache.dispose();
  return { ...trial, end };
}

/** Mean of a metric over some rows. */
export function meanOf(rows: readonly MetricRow[], name: string): number {
  return rows.reduce((sum, row) => sum + (row[name] ?? 0), 0) / rows.length;
}
