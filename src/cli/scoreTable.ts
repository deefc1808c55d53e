// The rows of SCoRe's tables 1 and 4 (arXiv 2409.12917) and of our own ablations, and how one of them is measured.
import { editHistogram } from '../evaluation/editHistogram';
import { evaluateSelfRefine } from '../evaluation/selfRefine';
import { evaluateTwoAttempts, evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { RunConfig } from '../protocol/events';
import { checkSettings, type Settings } from '../protocol/fields';
import type { EvalSummary } from '../protocol/metrics';
import { recipeById } from '../recipes/index';
import { taskOf } from '../rewards/tasks';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { planSteps } from '../worker/planSteps';
import { RunSession } from '../worker/runSession';

export interface TableRow {
  id: string;
  title: string;
  /** null: nothing is trained */
  recipe: string | null;
  settings?: Settings;
}

export const scoreRows: readonly TableRow[] = [
  { id: 'base', title: 'Base', recipe: null },
  { id: 'self_refine', title: 'Self-Refine (prompt only)', recipe: null },
  { id: 'star_d', title: 'STaR, D', recipe: 'star' },
  { id: 'star_d_plus', title: 'STaR, D+', recipe: 'star', settings: { plus: true } },
  { id: 'pair_sft_d', title: 'Pair-SFT, D', recipe: 'pair-sft' },
  { id: 'pair_sft_d_plus', title: 'Pair-SFT, D+', recipe: 'pair-sft', settings: { plus: true } },
  { id: 'score', title: 'SCoRe', recipe: 'score' },
  { id: 'score_single_turn', title: 'w/o multi-turn training', recipe: 'score', settings: { multiTurn: false } },
  { id: 'score_no_stage1', title: 'w/o Stage I', recipe: 'score', settings: { stageOne: false } },
  { id: 'score_no_shaping', title: 'w/o reward shaping', recipe: 'score', settings: { shaping: false } },
  { id: 'score_star', title: 'STaR in Stage II', recipe: 'score-star' },
  // The ablations of our own choices, and the public code.
  {
    id: 'multi_turn_rl',
    title: 'plain multi-turn RL',
    recipe: 'score',
    settings: { stageOne: false, shaping: false, baseline: 'trajectory' },
  },
  { id: 'score_alpha_1', title: 'SCoRe, α = 1', recipe: 'score', settings: { alpha: 1 } },
  {
    id: 'score_trajectory_baseline',
    title: 'SCoRe, baseline per problem',
    recipe: 'score',
    settings: { baseline: 'trajectory' },
  },
  { id: 'score_no_kl', title: 'SCoRe, no KL', recipe: 'score', settings: { beta1: 0, beta2: 0 } },
  {
    id: 'score_total_return',
    title: 'mistake: total return to t1',
    recipe: 'score',
    settings: { credit: 'total_return', stageOne: false },
  },
  { id: 'score_refcode', title: 'public code (supervised)', recipe: 'score-refcode' },
];

/** What is kept of one row and seed. Fractions 0–1. */
export interface RowResult {
  id: string;
  seed: number;
  steps: number;
  seconds: number;
  tokens: number;
  greedy: EvalSummary;
  sampled: EvalSummary;
  /** second attempts by distance from the first, greedy; null where there is no such text */
  editHistogram: number[] | null;
  /** of Self-Refine: calls of the model per problem */
  calls: number;
}

export interface RowBudget {
  minutes: number | null;
  steps: number | null;
  testProblems: number;
  /** left out = Dial */
  task?: 'left';
}

const levelOf = ({ task }: Pick<RowBudget, 'task'>) => (task === 'left' ? 4 : 6);
/** The same random numbers for every row and seed. */
const EVALUATION_SEED = 77;

async function measure(model: LanguageModel, adapter: Adapter | null, budget: RowBudget) {
  const { testProblems } = budget;
  const task = taskOf({ task: budget.task, level: levelOf(budget) });
  const cache = new KeyValueCache(model);
  const decoder = { model, adapter, cache };
  const job = { task, problems: evaluationProblems(task, 'test', testProblems), seed: EVALUATION_SEED, step: 0 };
  const greedy = await evaluateTwoAttempts(decoder, { ...job, temperature: 0 });
  const sampled = await evaluateTwoAttempts(decoder, { ...job, temperature: 1 });
  cache.dispose();
  return { greedy: greedy.summary, sampled: sampled.summary, editHistogram: editHistogram(greedy.traces), calls: 2 };
}

async function measureSelfRefine(model: LanguageModel, budget: RowBudget) {
  const { testProblems } = budget;
  const task = taskOf({ task: budget.task, level: levelOf(budget) });
  const cache = new KeyValueCache(model);
  const job = { task, problems: evaluationProblems(task, 'test', testProblems), seed: EVALUATION_SEED };
  const run = async (temperature: number) => {
    const { calls, tokens, ...rest } = await evaluateSelfRefine(
      { model, adapter: null, cache },
      { ...job, temperature },
    );
    // What was approved stays the same text; of refined ones no distance is kept.
    const unknown = { editDistanceRatio: Number.NaN, formatErrorRate: Number.NaN };
    return { summary: { ...rest, ...unknown, unchangedRate: rest.approvedRate }, calls: calls / testProblems };
  };
  const [greedy, sampled] = [await run(0), await run(1)];
  cache.dispose();
  return { greedy: greedy.summary, sampled: sampled.summary, editHistogram: null, calls: greedy.calls };
}

/** Trains a row and hands its adapter to `use` before it is freed. */
export async function trainRow<T>(
  model: LanguageModel,
  row: TableRow & { recipe: string },
  seed: number,
  budget: RowBudget,
  onStep: (step: number, of: number) => void,
  use: (adapter: Adapter, facts: { steps: number; tokens: number }) => Promise<T>,
): Promise<T> {
  const recipe = recipeById(row.recipe);
  const config: RunConfig = {
    id: row.id,
    recipe: recipe.id,
    settings: checkSettings(recipe.fields, row.settings ?? {}),
    seed,
    totalSteps: budget.steps ?? 0,
    minutes: budget.minutes,
    model: model.id,
    ...(budget.task ? { task: budget.task } : {}),
    level: levelOf(budget),
    // Only the beginning and the end are evaluated: the table needs no curves.
    evaluateEvery: 1_000_000,
    evaluationProblems: 250,
    checkpointEvery: 1_000_000,
    createdAt: '',
  };
  if (budget.minutes !== null) {
    const plan = await planSteps(config, model, budget.minutes * 60, budget.testProblems);
    config.totalSteps = plan.steps;
  }
  const session = await RunSession.create({ config, model, logProbTolerance: 1e-5, testProblems: 0 });
  let tokens = 0;
  for await (const item of session.events()) {
    if (!('event' in item) || item.event.type !== 'run.stepped') continue;
    tokens = item.event.tokens;
    onStep(item.event.step, config.totalSteps);
  }
  const result = await use(session.adapter, { steps: config.totalSteps, tokens });
  session.dispose();
  return result;
}

/** Trains (where the row trains) and measures on the test slice, once. */
export async function measureRow(
  model: LanguageModel,
  row: TableRow,
  seed: number,
  budget: RowBudget,
  onStep: (step: number, of: number) => void,
): Promise<RowResult> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  if (row.recipe === null) {
    const isRefined = row.id === 'self_refine';
    const measured = await (isRefined ? measureSelfRefine(model, budget) : measure(model, null, budget));
    return { id: row.id, seed, steps: 0, seconds: seconds(), tokens: 0, ...measured };
  }
  const { id, recipe } = row;
  return trainRow(model, { ...row, recipe }, seed, budget, onStep, async (adapter, facts) => {
    const measured = await measure(model, adapter, budget);
    return { id, seed, ...facts, seconds: seconds(), ...measured };
  });
}
