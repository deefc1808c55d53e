// What a run would need, from formulas alone: nothing is allocated or computed. docs/performance.md has it beside measured peaks.
//   trained    4 bytes · 4 · parameters: the value, its gradient, two moments of Adam
//   batch      4 bytes · positions · Σ over linear layers (in + out): what a layer keeps for the backward pass. Shared inputs are
//              counted twice; norms, rotary, attention and residual sums, which are left out, weigh about as much in a Llama block
//              + 4 bytes · 3 · predicted · vocabulary: logits of policy and reference, and one gradient
//   cache      4 bytes · 2 · layers · kvHeads · headDim · cached tokens
import { CounterRng } from '../lib/counterRng';
import type { LanguageModel } from '../models/model';
import type { RunPlan } from '../protocol/events';
import { checkSettings, type Settings } from '../protocol/fields';
import { recipeById } from '../recipes/index';
import type { TaskLengths } from '../recipes/recipe';
import { dialTask } from '../rewards/dialTask';

const FLOAT = 4;

/** Lengths of the task's problems in tokens; all problems of a level are equally long. */
function lengthsOf(model: LanguageModel, level: number): TaskLengths {
  const task = dialTask(level);
  const [problem] = task.draw(new CounterRng(1, 1), 'validation', 1);
  return {
    prompt: model.chat.prompt(task.ask(problem)).length,
    answer: task.maxTokens,
    followUp: model.chat.followUp(task.instruction).length,
  };
}

/** @throws RangeError for an unknown recipe, settings out of range, targets that name no layer */
export function planRun(model: LanguageModel, recipeId: string, given: Settings, level: number): RunPlan {
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
  const load = recipe.load?.(settings, lengthsOf(model, level)) ?? null;
  const perPosition = projections.reduce((sum, name) => sum + sizeOf(name)[0] + sizeOf(name)[1], 0);
  return {
    recipe: recipeId,
    settings,
    level,
    trainedParameters,
    positions: load?.positions ?? null,
    weightBytes: [...model.weights.values()].reduce((sum, weight) => sum + weight.size * FLOAT, 0),
    trainedBytes: trainedParameters * 4 * FLOAT,
    batchBytes: load && FLOAT * (load.positions * perPosition + 3 * load.predicted * shape.vocabulary),
    cacheBytes: load && FLOAT * 2 * shape.layers * shape.kvHeads * shape.headDim * load.cached,
  };
}
