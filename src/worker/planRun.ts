// What a run would need, from formulas alone: nothing is allocated or computed. docs/performance.md has it beside measured peaks.
//   trained    4 bytes · 4 · parameters: the value, its gradient, two moments of Adam
//   batch      what the forward pass keeps for the backward pass, logits and working memory: stepBytes.ts
//   cache      4 bytes · 2 · layers · kvHeads · headDim · cached tokens

import { MOST_PACKED_BYTES } from '../backend/simd/simdBackend';
import { CounterRng } from '../lib/counterRng';
import type { LanguageModel } from '../models/model';
import type { RunPlan } from '../protocol/events';
import { checkSettings, type Settings } from '../protocol/fields';
import { recipeById } from '../recipes/index';
import type { TaskLengths } from '../recipes/recipe';
import { type ChosenTask, taskOf } from '../rewards/tasks';
import { chooseThrift, memoryRoom, thriftyBytes } from './thrift';

const FLOAT = 4;

/** Problems that are looked at: those of Dial are equally long, those in words differ. */
const LOOKED_AT = 16;

/** Lengths of the task's problems in tokens. */
function lengthsOf(model: LanguageModel, chosen: ChosenTask): TaskLengths {
  const task = taskOf(chosen);
  const problems = task.draw(new CounterRng(1, 1), 'validation', LOOKED_AT);
  return {
    prompt: Math.max(...problems.map((problem) => model.chat.prompt(task.ask(problem)).length)),
    answer: task.maxTokens,
    followUp: model.chat.followUp(task.instruction).length,
  };
}

/** Base and, where the weights themselves are trained, policy are decoded from. The backend keeps at most so many bytes packed. */
function packedBytes({ architecture, weights }: LanguageModel, twice: boolean): number {
  const linear = [...architecture.projections.map((name) => `${name}.weight`), architecture.head ?? ''];
  const bytes = linear.reduce((sum, name) => sum + FLOAT * (weights.get(name)?.size ?? 0), 0);
  return Math.min(MOST_PACKED_BYTES, twice ? 2 * bytes : bytes);
}

/** @param room bytes that the whole run may take; where it would be more, `thrift` says how to do with less @throws RangeError for an unknown recipe, settings out of range, targets that name no layer */
export function planRun(
  model: LanguageModel,
  recipeId: string,
  given: Settings,
  chosen: ChosenTask,
  room = memoryRoom(),
): RunPlan {
  const recipe = recipeById(recipeId);
  const settings = checkSettings(recipe.fields, given);
  const { method, r, targets } = recipe.adapter(settings);
  const { shape, projections, tensors } = model.architecture;
  const sizeOf = (module: string) => tensors.get(`${module}.weight`)!;
  const wrapped = projections.filter((name) => targets.length === 0 || targets.some((end) => name.endsWith(end)));
  if (method === 'lora' && wrapped.length === 0) {
    throw new RangeError(
      `settings.targets: expected names of linear layers of the model, got "${targets.join(', ')}". Empty means all of them.`,
    );
  }
  const trainedParameters =
    method === 'full'
      ? [...model.weights.values()].reduce((sum, weight) => sum + weight.size, 0)
      : wrapped.reduce((sum, name) => sum + r * (sizeOf(name)[0] + sizeOf(name)[1]), 0);
  const load = recipe.load?.(settings, lengthsOf(model, chosen)) ?? null;
  const ranks = method === 'lora' ? r * wrapped.length : 0;
  const trainedBytes = trainedParameters * 4 * FLOAT;
  const cacheBytes = load && FLOAT * 2 * shape.layers * shape.kvHeads * shape.headDim * load.cached;
  const size = load && {
    ...load,
    ranks,
    gradients: trainedParameters * FLOAT,
    // A recipe that decodes answers scores them against the reference as well.
    withReference: load.cached > 0,
    packed: load.cached > 0 ? packedBytes(model, method === 'full') : 0,
  };
  const thrift = size && chooseThrift(model.architecture, size, room - model.bytes - trainedBytes - (cacheBytes ?? 0));
  return {
    recipe: recipeId,
    settings,
    task: chosen.task,
    level: chosen.level,
    trainedParameters,
    positions: load?.positions ?? null,
    weightBytes: model.bytes,
    trainedBytes,
    batchBytes: size && thriftyBytes(model.architecture, size, thrift),
    cacheBytes,
    ...(thrift ? { thrift } : {}),
  };
}
