// Keeps what a run produces. When the browser refuses, the run goes on unsaved and the page is told, once per cause.
import type { Checkpoint, CheckpointSlot } from '../protocol/checkpoint';
import { StudioError, toWireError } from '../protocol/errors';
import type { Evaluation, RunConfig, RunRate, RunStatus, StudioEvent } from '../protocol/events';
import type { StopReason } from '../protocol/stopping';
import { runLock } from '../protocol/tabs';
import type { TraceChunk } from '../protocol/trace';
import { defaultTraceBudget } from '../protocol/traceBudget';
import { grantedBytes, type StoredMetrics, type StoredRun } from '../storage/database';
import { putCheckpoint, readCheckpoint, rewindRun } from '../storage/storedCheckpoints';
import { deleteRun, putRun, readRun } from '../storage/storedRuns';
import { putEvaluation, putMetrics } from '../storage/storedSeries';
import { readChunkSizes } from '../storage/storedTraceBudget';
import { TraceKeeper } from './traceKeeper';

/** How long a worker that was closed may still hold its lock. */
const LOCK_WAIT_MS = 3000;

/** One worker writes a run: others wait a moment (for one that is just dying), then are refused. @returns a function that lets go */
function takeLock(runId: string): Promise<() => void> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return Promise.resolve(() => {});
  return new Promise((taken, refused) => {
    const hold = () => new Promise<void>((letGo) => taken(letGo));
    locks
      .request(runLock(runId), { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, hold)
      .catch(() =>
        refused(
          new StudioError(
            'storage',
            `run ${runId}: expected no other tab at work on it, one is. Watch it here, or close that tab and try again.`,
          ),
        ),
      );
  });
}

export class RunKeeper {
  private saving = true;
  /** Greedy accuracy of the second attempt at the best checkpoint so far. */
  private bestAccuracy = Number.NEGATIVE_INFINITY;
  private letGo: (() => void) | null = null;

  private constructor(
    private record: StoredRun,
    private samples: TraceKeeper,
    private readonly post: (event: StudioEvent) => void,
  ) {}

  /** A keeper for a new run. @param traceBytes what its samples may take; null = by what the browser grants */
  static async begin(
    config: RunConfig,
    traceBytes: number | null,
    post: (event: StudioEvent) => void,
  ): Promise<RunKeeper> {
    const now = new Date().toISOString();
    const samples = new TraceKeeper(config.id, traceBytes ?? defaultTraceBudget(await grantedBytes()));
    const keeper = new RunKeeper(
      {
        config,
        status: 'running',
        step: 0,
        checkpointStep: null,
        updatedAt: now,
        finished: null,
        traces: samples.record,
      },
      samples,
      post,
    );
    await keeper.holdLock();
    await keeper.save(() => putRun(keeper.record));
    return keeper;
  }

  /** A keeper for a stored run, set back to one of its checkpoints; rows after that checkpoint are forgotten. */
  static async reopen(
    runId: string,
    slot: CheckpointSlot,
    traceBytes: number | null,
    post: (event: StudioEvent) => void,
  ): Promise<{ keeper: RunKeeper; config: RunConfig; checkpoint: Checkpoint | null }> {
    const stored = await readRun(runId);
    if (!stored) {
      throw new StudioError(
        'storage',
        `run ${runId}: expected it among the stored runs, it is not there. It may have been deleted.`,
      );
    }
    const budget = traceBytes ?? stored.traces?.budgetBytes ?? defaultTraceBudget(await grantedBytes());
    const keeper = new RunKeeper(stored, new TraceKeeper(runId, budget), post);
    // Nothing is forgotten before it is certain that nobody else writes.
    await keeper.holdLock();
    try {
      const checkpoint = await rewindRun(runId, slot);
      const best = await readCheckpoint(runId, 'best');
      keeper.bestAccuracy = best?.latest?.greedy.accuracyT2 ?? Number.NEGATIVE_INFINITY;
      keeper.record = (await readRun(runId)) ?? stored;
      const thinned = keeper.record.traces?.thinnedSteps ?? [];
      keeper.samples = new TraceKeeper(runId, budget, await readChunkSizes(runId), thinned);
      return { keeper, config: stored.config, checkpoint };
    } catch (error) {
      keeper.release();
      throw error;
    }
  }

  /** Deletes a run, unless another tab is at work on it. @throws StudioError('storage') */
  static async remove(runId: string): Promise<void> {
    const letGo = await takeLock(runId);
    try {
      await deleteRun(runId);
    } finally {
      letGo();
    }
  }

  private async holdLock(): Promise<void> {
    this.letGo ??= await takeLock(this.record.config.id);
  }

  release(): void {
    this.letGo?.();
    this.letGo = null;
  }

  /** Does what it is given unless saving was refused before. */
  private async save(write: () => Promise<void>): Promise<void> {
    if (!this.saving) return;
    try {
      await write();
    } catch (error) {
      this.saving = false;
      this.post({ type: 'storage.failed', error: toWireError(error) });
    }
  }

  /** Room was made (a run was deleted): try again from now on. */
  tryAgain(): void {
    this.saving = true;
  }

  /** What the run's samples may take from now on. */
  limitTraces(bytes: number): void {
    this.samples.limit(bytes);
  }

  traces(chunk: TraceChunk): Promise<void> {
    return this.save(async () => {
      const traces = await this.samples.put(chunk);
      if (!traces) return;
      this.record = { ...this.record, traces };
      this.post({ type: 'run.thinned', runId: this.record.config.id, traces });
    });
  }

  metrics(row: Omit<StoredMetrics, 'runId'>): Promise<void> {
    this.record.step = row.step;
    return this.save(() => putMetrics({ ...row, runId: this.record.config.id }));
  }

  evaluation(evaluation: Evaluation): Promise<void> {
    return this.save(() => putEvaluation(this.record.config.id, evaluation));
  }

  async status(status: RunStatus, finished: StoredRun['finished'] = this.record.finished): Promise<void> {
    const traces = this.samples.record;
    this.record = { ...this.record, status, finished, traces, updatedAt: new Date().toISOString() };
    await this.save(() => putRun(this.record));
  }

  /** Written with the status that follows: a run that is killed before stops by its rule again. */
  stopEarly(stopReason: StopReason): void {
    this.record = { ...this.record, stopReason };
  }

  rate(rate: RunRate | null): void {
    if (rate) this.record = { ...this.record, rate };
  }

  /** Into the slot `last`; into `best` too when its second attempts are the best measured so far. @returns the slots it is kept in */
  async checkpoint(checkpoint: Checkpoint): Promise<CheckpointSlot[]> {
    const { latest, step } = checkpoint;
    const accuracy = latest?.step === step ? latest.greedy.accuracyT2 : Number.NEGATIVE_INFINITY;
    const isBest = accuracy > this.bestAccuracy;
    const slots: CheckpointSlot[] = isBest ? ['last', 'best'] : ['last'];
    await this.save(async () => {
      await putCheckpoint(this.record.config.id, slots, checkpoint);
      this.record = { ...this.record, step, checkpointStep: step, ...(isBest && { bestStep: step }) };
      if (isBest) this.bestAccuracy = accuracy;
    });
    return this.saving ? slots : [];
  }
}
