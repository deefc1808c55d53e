// The contract of a recipe: one file, one paper, one async generator that gets all it needs and yields events.

import type { AdapterConfig } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { RecipePreset, TrainEvent } from '../protocol/events';
import type { Bilingual, Field, Settings, StageWords } from '../protocol/fields';
import type { Task } from '../rewards/task';
import type { KeyValueCache } from '../rollouts/keyValueCache';
import type { TrainedState } from '../train/asideAdapters';

/**
 * All mutable state of a run. Everything else (batches, random numbers, schedules) is a function of (seed, step, settings),
 * so that a resumed run repeats the uninterrupted one.
 */
export interface TrainingState extends TrainedState {
  /** steps done */
  step: number;
}

export interface Job {
  model: LanguageModel;
  task: Task<unknown>;
  /** checked and complete */
  settings: Settings;
  seed: number;
  totalSteps: number;
  state: TrainingState;
  cache: KeyValueCache;
  /** Largest allowed difference between a sampled token's log-probability in the rollout and in the loss, nats. */
  logProbTolerance: number;
}

/** Tokens of one problem, at most. */
export interface TaskLengths {
  prompt: number;
  answer: number;
  /** what is said between two attempts, with the tokens round it */
  followUp: number;
}

/** How much one step holds at once: for the estimate of memory and time. */
export interface BatchLoad {
  /** of the padded batch, B · T */
  positions: number;
  /** of them with a loss */
  predicted: number;
  /** of the key-value cache, slots · capacity */
  cached: number;
}

export interface Recipe {
  id: string;
  title: Bilingual;
  /** citation */
  paper: string;
  fields: readonly Field[];
  /** Named choices of settings; what they leave out is the default. */
  presets?: readonly RecipePreset[];
  /** What its stages are called on the page; without words a stage shows its own name. */
  stages?: readonly StageWords[];
  /** Learns from texts that are given: nothing is sampled while practising, and its steps keep no samples. */
  givenTexts?: true;
  adapter(settings: Settings): AdapterConfig;
  /** Without it the page says that it cannot estimate. */
  load?(settings: Settings, lengths: TaskLengths): BatchLoad;
  /** Yields after every step with `state.step` already counting it: a checkpoint taken there is consistent. */
  run(job: Job): AsyncGenerator<TrainEvent>;
}
