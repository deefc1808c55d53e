// Commands: what the page asks of the worker. Names are `noun.verb`.
import type { CheckpointSlot } from './checkpoint';
import type { ColumnMapping, SplitShares } from './datasets';
import type { BackendName } from './events';
import type { Settings } from './fields';
import type { ChatLine, LocalFile, ModelSource, WeightHolding } from './models';
import type { TaskName } from './runForm';
import type { EarlyStop } from './stopping';

export type Command =
  | { type: 'engine.start'; backend: BackendName | 'auto'; threads: number | null }
  /** `holding` left out: as the file has them, small models in 32 bits. */
  | { type: 'model.load'; source: ModelSource; holding?: WeightHolding }
  /** Breaks off what is being loaded; what was fetched so far is kept for the next time. */
  | { type: 'model.cancel' }
  /** What it would need, before anything but headers is fetched. */
  | { type: 'model.estimate'; requestId: number; source: ModelSource }
  /** What this browser keeps of models. */
  | { type: 'models.list' }
  | { type: 'models.delete'; id: string }
  /** The answer to a conversation, written while it is heard; the last line is the user's. */
  | {
      type: 'chat.start';
      requestId: number;
      lines: ChatLine[];
      /** null: the base model; else the adapter of that run. */
      runId: string | null;
      slot?: CheckpointSlot;
      /** 0 = greedy. */
      temperature: number;
      topK?: number;
      topP?: number;
      maxTokens: number;
      seed: number;
    }
  /** An adapter from files, to be asked beside the loaded model: PEFT's two files, a zip of them, or a GGUF. */
  | { type: 'adapter.open'; requestId: number; name: string; files: LocalFile[] }
  /** What was written so far is the answer. */
  | { type: 'chat.stop'; requestId: number }
  /** Reads a file or a pasted text; it stays open until the next one. */
  | { type: 'dataset.open'; requestId: number; name: string; source: Blob | string }
  /** What the open dataset is with these columns, from one of its conversations on. A later question replaces it. */
  | { type: 'dataset.check'; requestId: number; mapping: ColumnMapping; shares: SplitShares; offset: number }
  /** Its usable rows as JSONL. */
  | { type: 'dataset.take'; requestId: number; mapping: ColumnMapping; shares: SplitShares }
  /** A fresh problem of the test slice, not seen in training. */
  | { type: 'problem.draw'; requestId: number; level: number; seed: number }
  | {
      type: 'attempt.start';
      requestId: number;
      numbers: number[];
      /** null: the base model; else the adapter of that run (its last checkpoint, or the run in progress). */
      runId: string | null;
      /** `best`: as it was at its best checkpoint. Left out = `last`. */
      slot?: CheckpointSlot;
      /** 0 = greedy. */
      temperature: number;
      seed: number;
      /** Only the so many most likely tokens are drawn from; 0 or left out = all. */
      topK?: number;
      /** Only the most likely tokens that together reach this probability; 1 or left out = all. */
      topP?: number;
    }
  /** What else the model could have written: both attempts of `attempt.finished`, scored by the model that wrote them. */
  | {
      type: 'tokens.explain';
      requestId: number;
      numbers: number[];
      runId: string | null;
      slot?: CheckpointSlot;
      /** Probabilities are of softmax(logits / temperature); of temperature 1 when greedy. */
      temperature: number;
      /** Ids as `attempt.finished` told them. */
      tokens: number[][];
    }
  /** Every op on the backend that runs, against its plain reference, and the speed of a matrix product. */
  | { type: 'selfTest.start' }
  | {
      type: 'run.start';
      recipe: string;
      settings: Settings;
      seed: number;
      /** Exactly one of both. Minutes become a fixed step count at the start. */
      minutes: number | null;
      steps: number | null;
      /** Other than the lesson's: how often and on how many problems the run is measured. For tests and short lessons. */
      evaluation?: { every?: number; problems?: number; testProblems?: number };
      /** Chosen by the page, so that it knows the run before it starts; left out: the worker makes one. */
      runId?: string;
      /** Left out: Dial. */
      task?: TaskName;
      /** One of the task's levels; left out: the lesson's, Dial with 6 numbers. */
      level?: number;
      /** Steps between checkpoints. */
      checkpointEvery?: number;
      earlyStop?: EarlyStop | null;
      /** The model it was set up for; another one in its place is refused. */
      model?: string;
    }
  /** What a run with these settings would need; nothing is computed. */
  | { type: 'plan.estimate'; requestId: number; recipe: string; settings: Settings; task?: TaskName; level: number }
  /** Both attempts of the base on the validation problems, greedy and sampled. */
  | { type: 'base.evaluate'; requestId: number; task?: TaskName; level: number; problems: number }
  | { type: 'run.pause' }
  | { type: 'run.step' }
  | { type: 'run.resume' }
  | { type: 'run.stop' }
  /** Continue a stored run from a checkpoint, left out = the last (paused until `run.resume`). What came after it is forgotten. */
  | { type: 'run.restore'; runId: string; slot?: CheckpointSlot }
  | { type: 'run.delete'; runId: string }
  /** What was learned, as a folder that Python's peft loads: the run in progress or its last checkpoint, or its best one. */
  | { type: 'adapter.export'; runId: string; slot?: CheckpointSlot }
  /** What the samples of a run may take; null: by what the browser grants. */
  | { type: 'traces.limit'; bytes: number | null }
  /** For tests and the self-test: destroys the GPU device on purpose. */
  | { type: 'engine.loseDevice' };
