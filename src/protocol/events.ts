// Events: what the worker tells the page. Names are `noun.pastVerb`.
import type { DatasetReport, OpenedDataset, Split } from './datasets';
import type { WireError } from './errors';
import type { Bilingual, Field, Settings, StageWords } from './fields';
import type { EvalSummary, PairedComparison } from './metrics';
import type { CachedModel, ModelEstimate, OpenedAdapter, WrittenToken } from './models';
import type { TaskName } from './runForm';
import type { EarlyStop, StopReason } from './stopping';
import type { Trace, TraceChunk } from './trace';
import type { TraceRecord } from './traceBudget';

export type BackendName = 'simd' | 'webgpu';

/** Everything that decides what a run does; never changes after the start. */
export interface RunConfig {
  id: string;
  recipe: string;
  settings: Settings;
  seed: number;
  totalSteps: number;
  /** Minutes asked for, when the step count was derived from them. */
  minutes: number | null;
  model: string;
  /** Left out in runs of earlier versions of the page: Dial. */
  task?: TaskName;
  /** How hard its problems are: amount of numbers of a Dial problem, digits of a sum. */
  level: number;
  evaluateEvery: number;
  evaluationProblems: number;
  /** Problems of the test slice, measured once at the end; 0 = none. */
  testProblems?: number;
  checkpointEvery: number;
  createdAt: string;
  /** Absent or null: the run goes to its last step. */
  earlyStop?: EarlyStop | null;
}

/** What a run measured of the machine it ran on; medians of the latest sitting. */
export interface RunRate {
  backend: BackendName;
  secondsPerStep: number;
  /** Both attempts of one validation problem, greedy and sampled; null before the first evaluation. */
  secondsPerProblem: number | null;
  /** Positions trained in a step. */
  tokensPerStep: number;
  /** What the plan of this run said of them (they are padded there); null where the recipe does not say. */
  plannedPositions: number | null;
  /** The most that the backend's memory held; null where it is not counted (webgpu). */
  memoryBytes: number | null;
}

/** What a run would need, from formulas. Bytes; null where the recipe does not say. */
export interface RunPlan {
  recipe: string;
  settings: Settings;
  task?: TaskName;
  level: number;
  trainedParameters: number;
  /** Positions of one step's batch at their most. */
  positions: number | null;
  weightBytes: number;
  /** What is trained, its gradients and both moments of the optimizer. */
  trainedBytes: number;
  /** Kept by the forward pass for the backward pass, with the logits. */
  batchBytes: number | null;
  /** Keys and values of what is being written. */
  cacheBytes: number | null;
  /** How the run will save memory because the whole would not fit; absent = it fits. `batchBytes` counts it in. */
  thrift?: {
    recompute: boolean /** micro-batches of so many positions; null = whole batches */;
    positionsAtOnce: number | null;
  };
}

export type RunStatus = 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

/** Evaluations on the fixed validation slice (or, at the end, the test slice). */
export interface Evaluation {
  step: number;
  slice: 'validation' | 'test';
  greedy: EvalSummary;
  sampled: EvalSummary;
}

/** One row of metrics; null = not computed. Names follow TRL where it has one. */
export type MetricRow = Record<string, number | null>;

/** What a recipe yields. The session turns these into events of the wall. */
export type TrainEvent =
  | { type: 'stage.entered'; step: number; stage: string }
  | {
      type: 'step.finished';
      step: number;
      stage: string;
      metrics: MetricRow;
      traces: TraceChunk | null;
      tokens: number;
    };

/** One hop of a Dial answer, for drawing. `expected` is the true landing. */
export interface Hop {
  sign: '+' | '-' | '*';
  number: number;
  landing: number;
  expected: number;
  ok: boolean;
}

export interface AttemptView {
  text: string;
  /** Hops written so far; empty when the text cannot be read. */
  start: number | null;
  hops: Hop[];
  finished: boolean;
  /** null while unfinished. */
  verdict: { correct: boolean; lands_on_zero: boolean; arithmetic: boolean; format: boolean } | null;
}

/** A token that was written, beside the most likely ones of its position. */
export interface TokenChoice {
  /** as it stands in the vocabulary */
  text: string;
  /** nats */
  logProb: number;
  /** 1 = it was the most likely one */
  rank: number;
  /** nats, of the whole distribution */
  entropy: number;
  /** most likely first; the written token is among them when its rank is small enough */
  alternatives: { text: string; logProb: number }[];
}

/** An export was read back from its zip and asked beside the adapter in memory. */
export interface ExportCheck {
  /** conversations that both read */
  prompts: number;
  /** positions whose logits were compared, over all prompts */
  tokens: number;
  /** the largest absolute difference of a logit */
  largestLogitDifference: number;
}

/** What the self-test found for one op. */
export interface OpTestResult {
  op: string;
  checks: number;
  /** One sentence per check that failed. */
  failures: string[];
  /** The largest difference from the reference, as a share of the largest magnitude; values and gradients. */
  largestError: number;
}

/** A product of two square matrices. */
export interface MatmulSpeed {
  size: number;
  /** billions of multiplications and additions a second, median of `runs` */
  gflops: number;
  runs: number;
}

/** How fast a model of the bundled one's size learns and writes. */
export interface ModelSpeed {
  parameters: number;
  /** A training step: rows × tokens, tokens a second (median of `runs`). */
  learning: { rows: number; tokens: number; tokensPerSecond: number; runs: number };
  /** A batch of answers: rows × new tokens, tokens a second (median of `runs`). */
  writing: { rows: number; tokens: number; tokensPerSecond: number; runs: number };
}

/** Kinds of work in a training step; `writing`: recorded steps of decoding, which are one kernel; `outside`: JavaScript between the kernels. */
export type StepPart = 'products' | 'writing' | 'attention' | 'otherKernels' | 'outside';

/** Where the time of one SCoRe step goes: milliseconds, means over `steps`. The parts add up to the whole. */
export interface StepProfile {
  steps: number;
  milliseconds: number;
  parts: Record<StepPart, number>;
  /** the longest first */
  kernels: { kernel: string; part: StepPart; milliseconds: number }[];
}

export type RunEvent =
  | { type: 'run.started'; run: RunConfig; resumedAt: number }
  | { type: 'run.stageEntered'; runId: string; step: number; stage: string }
  | {
      type: 'run.stepped';
      runId: string;
      step: number;
      stage: string;
      metrics: MetricRow;
      /** One sample of this step, to look at while it runs. */
      sample: Trace | null;
      secondsElapsed: number;
      secondsLeft: number;
      tokens: number;
    }
  | { type: 'run.evaluated'; runId: string; evaluation: Evaluation }
  | { type: 'run.checkpointed'; runId: string; step: number; isBest?: boolean; rate?: RunRate | null }
  /** The rule of early stopping ended practice; the closing test (where there is one) follows. */
  | { type: 'run.earlyStopped'; runId: string; step: number; reason: StopReason }
  /** Its samples reached their budget: some were given up. */
  | { type: 'run.thinned'; runId: string; traces: TraceRecord }
  /** The computer (or the tab) slept in the middle of it; that time is not counted. */
  | { type: 'run.slept'; runId: string; seconds: number }
  | { type: 'run.paused'; runId: string; step: number; error: WireError | null }
  | { type: 'run.resumed'; runId: string; step: number }
  | { type: 'run.stopped'; runId: string; step: number }
  | {
      type: 'run.finished';
      runId: string;
      step: number;
      before: Evaluation;
      after: Evaluation;
      comparison: PairedComparison;
      seconds: number;
      tokens: number;
    }
  /** It and all that belongs to it is no longer stored. */
  | { type: 'run.deleted'; runId: string }
  | { type: 'run.failed'; runId: string; error: WireError };

/** What the page knows of a recipe: enough to draw its form and to name its source. */
export interface RecipeCard {
  id: string;
  title: Bilingual;
  /** citation */
  paper: string;
  fields: readonly Field[];
  /** Named choices of settings, e.g. the paper's ablations; what they leave out is the default. */
  presets?: readonly RecipePreset[];
  /** What its stages are called. */
  stages?: readonly StageWords[];
  /** Learns from texts that are given: its steps keep no samples, only its evaluations do. */
  givenTexts?: true;
}

export interface RecipePreset {
  id: string;
  title: Bilingual;
  settings: Settings;
}

export type StudioEvent =
  | RunEvent
  /** Sent once, when the worker starts. */
  | { type: 'recipes.listed'; recipes: RecipeCard[] }
  | {
      type: 'engine.started';
      backend: BackendName;
      /** Why this one: a code the page has a sentence for. */
      reason: 'no_webgpu' | 'software_adapter' | 'hardware_adapter' | 'chosen' | 'webgpu_failed';
      adapter: string | null;
      threads: number;
      isolated: boolean;
      relaxedSimd: boolean;
    }
  | { type: 'engine.failed'; error: WireError }
  /** From the page's own end of the wall: the worker is gone. Restart it, then engine.start, model.load, run.restore. */
  | { type: 'worker.failed'; error: WireError }
  /** Runs can no longer be kept (blocked or full); what runs goes on, unsaved. Sent once per cause. */
  | { type: 'storage.failed'; error: WireError }
  | { type: 'engine.lost'; reason: string }
  | {
      type: 'model.progressed';
      loadedBytes: number;
      totalBytes: number | null;
      /** Fetched from a host, read from this machine, or put into the engine's memory; left out = fetched. */
      phase?: 'fetching' | 'reading' | 'placing';
      bytesPerSecond?: number | null;
      secondsLeft?: number | null;
    }
  | {
      type: 'model.loaded';
      id: string;
      parameters: number;
      bytes: number;
      layers: number;
      hidden: number;
      vocabulary: number;
      /** What people call it; left out = its id. */
      name?: string;
      /** `model_type` of its configuration. */
      architecture?: string;
      /** How its weights lie in memory, e.g. "Q4_1"; left out = f32. */
      storedAs?: string;
      /** Tokens of a conversation, at most. */
      maxPositions?: number;
      /** Kept for the next visit; `refused`: the browser gave no room. Left out = not asked. */
      kept?: 'kept' | 'refused';
    }
  | { type: 'model.failed'; error: WireError }
  | { type: 'model.estimated'; requestId: number; estimate: ModelEstimate }
  | { type: 'model.unestimated'; requestId: number; error: WireError }
  | { type: 'models.listed'; models: CachedModel[] }
  | { type: 'models.failed'; error: WireError }
  /** Everything written so far, at most ten times a second. */
  | { type: 'chat.streamed'; requestId: number; text: string }
  | {
      type: 'chat.finished';
      requestId: number;
      text: string;
      tokens: WrittenToken[];
      /** `end`: the model closed its answer; `length`: it was cut off; `stopped`: a person did. */
      finish: 'end' | 'length' | 'stopped';
      /** Tokens of the conversation that was read first, and how long that took. */
      promptTokens: number;
      promptSeconds: number;
      tokensPerSecond: number;
    }
  | { type: 'chat.failed'; requestId: number; error: WireError }
  | { type: 'adapter.opened'; requestId: number; adapter: OpenedAdapter }
  | { type: 'adapter.refused'; requestId: number; error: WireError }
  | { type: 'dataset.opened'; requestId: number; dataset: OpenedDataset }
  | { type: 'dataset.checked'; requestId: number; report: DatasetReport }
  | { type: 'dataset.taken'; requestId: number; jsonl: string; splits: Record<Split, number> }
  | { type: 'dataset.failed'; requestId: number; error: WireError }
  | { type: 'problem.drawn'; requestId: number; numbers: number[] }
  | { type: 'attempt.streamed'; requestId: number; attempts: AttemptView[] }
  | {
      type: 'attempt.finished';
      requestId: number;
      attempts: AttemptView[];
      tokensPerSecond: number;
      /** Ids of each attempt, its end token included when it was written. */
      tokens?: number[][];
    }
  | { type: 'attempt.failed'; requestId: number; error: WireError }
  | { type: 'plan.estimated'; requestId: number; plan: RunPlan }
  | { type: 'plan.failed'; requestId: number; error: WireError }
  | { type: 'base.evaluated'; requestId: number; model: string; task?: TaskName; level: number; evaluation: Evaluation }
  | { type: 'base.failed'; requestId: number; error: WireError }
  /** For each attempt, for each token. */
  | { type: 'tokens.explained'; requestId: number; attempts: TokenChoice[][] }
  | { type: 'tokens.failed'; requestId: number; error: WireError }
  /** One op is through; `done` of `total`. */
  | { type: 'selfTest.progressed'; result: OpTestResult; done: number; total: number }
  | {
      type: 'selfTest.finished';
      matmul: MatmulSpeed;
      model: ModelSpeed /** null: measured on `simd` with the bundled model only */;
      profile: StepProfile | null;
    }
  | { type: 'selfTest.failed'; error: WireError }
  /** A zip file that was read back and found to answer as the adapter in memory does. */
  | {
      type: 'adapter.exported';
      runId: string;
      fileName: string;
      bytes: Uint8Array<ArrayBuffer>;
      selfCheck: ExportCheck;
    }
  | { type: 'adapter.failed'; runId: string; error: WireError };
