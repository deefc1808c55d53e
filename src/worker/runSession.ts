// One run: pulls a recipe, evaluates on the fixed validation problems as it goes, and ends with the test problems, once.
// Knows nothing of workers, storage or screens; the worker and the command line both drive it.

import { compareSecondAttempts, evaluateTwoAttempts, evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import {
  type Adapter,
  createAdapter,
  disposeAdapter,
  readAdapter,
  restoreAdapter,
  trainables,
} from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { Checkpoint } from '../protocol/checkpoint';
import type { Evaluation, MetricRow, RunConfig, RunEvent } from '../protocol/events';
import { checkSettings } from '../protocol/fields';
import type { PairedComparison } from '../protocol/metrics';
import type { StopWatch } from '../protocol/stopping';
import type { TraceChunk } from '../protocol/trace';
import { recipeById } from '../recipes/index';
import type { Recipe, TrainingState } from '../recipes/recipe';
import type { Task } from '../rewards/task';
import { taskOf } from '../rewards/tasks';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { disposeAside, readAside, restoreAside } from '../train/asideAdapters';
import { createOptimizer, disposeOptimizer, readOptimizer, restoreOptimizer } from '../train/optimizer';
import { newStopWatch, seeEvaluation, seeStep } from './earlyStopping';
import { sampleOf } from './liveSample';
import { planRun } from './planRun';
import { RateMeter } from './rateMeter';

export type SessionItem = { event: RunEvent } | { traces: TraceChunk };

export interface SessionOptions {
  config: RunConfig;
  model: LanguageModel;
  /** bytes that the run may take; by default what is known of this machine */
  memoryRoom?: number;
  /** positions of one forward pass, where a device allows no larger tensors */
  mostPositions?: number;
  checkpoint?: Checkpoint | null;
  /** nats; 1e-5 on simd, 1e-3 on webgpu */
  logProbTolerance: number;
  /** problems of the test slice at the end; 0 = none */
  testProblems?: number;
  /** lets messages in; called between batches of an evaluation */
  breathe?: () => Promise<void>;
  /** seconds, monotonic */
  now?: () => number;
}

/** Random numbers of evaluations do not depend on the run's seed: every run and step meets the same draws. */
export const EVALUATION_SEED = 77;

export class RunSession {
  private readonly recipe: Recipe;
  private readonly task: Task<unknown>;
  private readonly cache: KeyValueCache;
  private readonly state: TrainingState;
  private tokens: number;
  private secondsBefore: number;
  /** what the base did on the validation problems */
  private before: Evaluation | null;
  private latest: Evaluation | null;
  private stopWatch: StopWatch;
  readonly meter: RateMeter;
  private readonly started: number;
  private readonly now: () => number;

  private constructor(private readonly options: SessionOptions) {
    const { config, model, checkpoint } = options;
    this.recipe = recipeById(config.recipe);
    this.task = taskOf(config);
    this.cache = new KeyValueCache(model);
    const adapterConfig = this.recipe.adapter(config.settings);
    const adapter = checkpoint
      ? restoreAdapter(model, adapterConfig, checkpoint.tensors)
      : createAdapter(model, adapterConfig, config.seed);
    this.state = {
      step: checkpoint?.step ?? 0,
      adapter,
      optimizer: createOptimizer(trainables(adapter)),
      aside: restoreAside(model, adapterConfig, checkpoint?.tensors ?? []),
    };
    if (checkpoint) restoreOptimizer(this.state.optimizer, checkpoint.tensors, checkpoint.optimizerStep);
    this.tokens = checkpoint?.tokens ?? 0;
    this.secondsBefore = checkpoint?.seconds ?? 0;
    this.before = checkpoint?.before ?? null;
    this.latest = checkpoint?.latest ?? null;
    this.stopWatch = checkpoint?.stopWatch ?? newStopWatch;
    this.now = options.now ?? (() => performance.now() / 1000);
    this.meter = new RateMeter(this.now);
    this.started = this.now();
  }

  /** @throws RangeError for settings out of range, StudioError for a checkpoint that does not fit */
  static async create(options: SessionOptions): Promise<RunSession> {
    const settings = checkSettings(recipeById(options.config.recipe).fields, options.config.settings);
    const { model, config } = options;
    const { thrift } = planRun(model, config.recipe, settings, config, options.memoryRoom);
    const most = options.mostPositions ?? Number.POSITIVE_INFINITY;
    const positionsAtOnce = Math.min(most, thrift?.positionsAtOnce ?? most);
    const isSaving = thrift || Number.isFinite(most);
    const saving = isSaving ? { recompute: thrift?.recompute ?? false, positionsAtOnce } : undefined;
    return new RunSession({ ...options, model: { ...model, thrift: saving }, config: { ...config, settings } });
  }

  get step(): number {
    return this.state.step;
  }

  /** The adapter in training, e.g. to ask the model while it learns. Not to be disposed by the caller. */
  get adapter(): Adapter {
    return this.state.adapter;
  }

  /** Seconds spent in this run, earlier sittings included. */
  private seconds(): number {
    return this.secondsBefore + this.now() - this.started;
  }

  /** The run as it goes. Stop by leaving the loop, pause by not pulling. A checkpoint may be taken between any two items. */
  async *events(): AsyncGenerator<SessionItem> {
    const { config, model } = this.options;
    const runId = config.id;
    const resumedAt = this.state.step;
    yield { event: { type: 'run.started', run: config, resumedAt } };
    if (this.before === null || this.evaluationDue()) yield* this.evaluate();
    const job = {
      model,
      task: this.task,
      settings: config.settings,
      seed: config.seed,
      totalSteps: config.totalSteps,
      state: this.state,
      cache: this.cache,
      logProbTolerance: this.options.logProbTolerance,
    };
    if (this.stopWatch.reason) yield* this.stopEarly();
    this.meter.beginStep();
    for await (const event of this.stopWatch.reason ? [] : this.recipe.run(job)) {
      if (event.type === 'stage.entered') {
        yield { event: { type: 'run.stageEntered', runId, step: event.step, stage: event.stage } };
        continue;
      }
      this.meter.count(event.tokens);
      this.tokens += event.tokens;
      const { step, stage, traces } = event;
      const done = step - resumedAt;
      const spent = this.now() - this.started;
      const metrics: MetricRow = { ...event.metrics, num_tokens: this.tokens, step_time: spent / done };
      const secondsLeft = (spent / done) * (config.totalSteps - step);
      const sample = traces ? sampleOf(traces) : null;
      if (traces) yield { traces };
      const time = { secondsElapsed: this.seconds(), secondsLeft, tokens: this.tokens };
      yield { event: { type: 'run.stepped', runId, step, stage, metrics, sample, ...time } };
      if (config.earlyStop) this.stopWatch = seeStep(this.stopWatch, config.earlyStop, metrics);
      if (this.evaluationDue()) yield* this.evaluate();
      if (this.stopWatch.reason) {
        yield* this.stopEarly();
        break;
      }
      this.meter.beginStep();
    }
    yield* this.finish();
  }

  /** Practice ends here, by its rule. Said again when a run is opened whose last checkpoint is this very step. */
  private async *stopEarly(): AsyncGenerator<SessionItem> {
    const { reason } = this.stopWatch;
    if (!reason || this.state.step >= this.options.config.totalSteps) return;
    yield { event: { type: 'run.earlyStopped', runId: this.options.config.id, step: this.state.step, reason } };
  }

  /** Also true when a checkpoint was taken between a step and its evaluation: a resumed run makes up for it. */
  private evaluationDue(): boolean {
    const { evaluateEvery, totalSteps } = this.options.config;
    const { step } = this.state;
    return step > 0 && (step % evaluateEvery === 0 || step === totalSteps) && this.latest?.step !== step;
  }

  /** On the fixed validation problems; the first evaluation of a run is the base's. */
  private async *evaluate(): AsyncGenerator<SessionItem> {
    const { config } = this.options;
    const problems = evaluationProblems(this.task, 'validation', config.evaluationProblems);
    this.meter.beginEvaluation(problems.length);
    const results = await this.measure(this.state.adapter, problems);
    const [greedy, sampled] = results.map(({ summary }) => summary);
    this.latest = { step: this.state.step, slice: 'validation', greedy, sampled };
    this.before ??= this.latest;
    if (config.earlyStop) this.stopWatch = seeEvaluation(this.stopWatch, config.earlyStop, this.latest);
    for (const { traces } of results) yield { traces };
    yield { event: { type: 'run.evaluated', runId: config.id, evaluation: this.latest } };
  }

  private async measure(adapter: Adapter | null, problems: unknown[]) {
    const decoder = { model: this.options.model, adapter, cache: this.cache };
    const job = {
      task: this.task,
      problems,
      seed: EVALUATION_SEED,
      step: this.state.step,
      breathe: this.options.breathe,
    };
    const greedy = await evaluateTwoAttempts(decoder, { ...job, temperature: 0 });
    const sampled = await evaluateTwoAttempts(decoder, { ...job, temperature: 1 });
    return [greedy, sampled] as const;
  }

  /** The test problems, once: base and trained on the same ones. */
  private async *finish(): AsyncGenerator<SessionItem> {
    const { config, testProblems = 1000 } = this.options;
    if (testProblems === 0) return;
    const problems = evaluationProblems(this.task, 'test', testProblems);
    const base = await this.measure(null, problems);
    const trained = await this.measure(this.state.adapter, problems);
    const comparison: PairedComparison = compareSecondAttempts(base[0].correct2, trained[0].correct2);
    const evaluation = (step: number, [greedy, sampled]: typeof base): Evaluation => ({
      step,
      slice: 'test',
      greedy: greedy.summary,
      sampled: sampled.summary,
    });
    const ends = { before: evaluation(0, base), after: evaluation(this.state.step, trained), comparison };
    const totals = { seconds: this.seconds(), tokens: this.tokens };
    yield { event: { type: 'run.finished', runId: config.id, step: this.state.step, ...ends, ...totals } };
  }

  async checkpoint(): Promise<Checkpoint> {
    return {
      version: 1,
      step: this.state.step,
      optimizerStep: this.state.optimizer.step,
      tensors: [
        ...(await readAdapter(this.state.adapter)),
        ...(await readOptimizer(this.state.optimizer)),
        ...(await readAside(this.state.aside)),
      ],
      tokens: this.tokens,
      seconds: this.seconds(),
      before: this.before,
      latest: this.latest,
      stopWatch: this.stopWatch,
    };
  }

  dispose(): void {
    disposeOptimizer(this.state.optimizer);
    disposeAdapter(this.state.adapter);
    disposeAside(this.state.aside);
    this.cache.dispose();
  }
}
