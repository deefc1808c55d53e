// Keeps what a run produces. When the browser refuses, the run goes on unsaved and the page is told, once per cause.
import type { Checkpoint, CheckpointSlot } from '../protocol/checkpoint';
import { StudioError, toWireError } from '../protocol/errors';
import type { Evaluation, RunConfig, RunRate, RunStatus, StudioEvent } from '../protocol/events';
import type { StopReason } from '../protocol/stopping';
import type { TraceChunk } from '../protocol/trace';
import { keepStorage, type StoredMetrics, type StoredRun } from '../storage/database';
import { putCheckpoint, readCheckpoint, rewindRun } from '../storage/storedCheckpoints';
import { putRun, readRun, runLock } from '../storage/storedRuns';
import { putEvaluation, putMetrics } from '../storage/storedSeries';
import { putTraces } from '../storage/storedTraces';

/** How long a worker that was closed may still hold its lock. */
const LOCK_WAIT_MS = 3000;

export class RunKeeper {
  private saving = true;
  private record: StoredRun;
  /** Greedy accuracy of the second attempt at the best checkpoint so far. */
  private bestAccuracy = Number.NEGATIVE_INFINITY;
  private letGo: (() => void) | null = null;

  private constructor(
    record: StoredRun,
    private readonly post: (event: StudioEvent) => void,
  ) {
    this.record = record;
  }

  /** A keeper for a new run. */
  static async begin(config: RunConfig, post: (event: StudioEvent) => void): Promise<RunKeeper> {
    const now = new Date().toISOString();
    const keeper = new RunKeeper(
      { config, status: 'running', step: 0, checkpointStep: null, updatedAt: now, finished: null },
      post,
    );
    void keepStorage();
    await keeper.holdLock();
    await keeper.save(() => putRun(keeper.record));
    return keeper;
  }

  /** A keeper for a stored run, set back to one of its checkpoints; rows after that checkpoint are forgotten. */
  static async reopen(
    runId: string,
    slot: CheckpointSlot,
    post: (event: StudioEvent) => void,
  ): Promise<{ keeper: RunKeeper; config: RunConfig; checkpoint: Checkpoint | null }> {
    const stored = await readRun(runId);
    if (!stored) {
      throw new StudioError(
        'storage',
        `run ${runId}: expected it among the stored runs, it is not there. It may have been deleted.`,
      );
    }
    const keeper = new RunKeeper(stored, post);
    // Nothing is forgotten before it is certain that nobody else writes.
    await keeper.holdLock();
    try {
      const checkpoint = await rewindRun(runId, slot);
      const best = await readCheckpoint(runId, 'best');
      keeper.bestAccuracy = best?.latest?.greedy.accuracyT2 ?? Number.NEGATIVE_INFINITY;
      keeper.record = (await readRun(runId)) ?? stored;
      return { keeper, config: stored.config, checkpoint };
    } catch (error) {
      keeper.release();
      throw error;
    }
  }

  /** One worker writes a run: others wait a moment (for one that is just dying), then are refused. @throws StudioError('storage') */
  private async holdLock(): Promise<void> {
    const locks = globalThis.navigator?.locks;
    if (!locks || this.letGo) return;
    const { id } = this.record.config;
    await new Promise<void>((held, refused) => {
      locks
        .request(runLock(id), { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, () => {
          held();
          return new Promise<void>((resolve) => {
            this.letGo = resolve;
          });
        })
        .catch(() =>
          refused(
            new StudioError(
              'storage',
              `run ${id}: expected no other tab at work on it, one is. Watch it here, or close that tab and try again.`,
            ),
          ),
        );
    });
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

  traces(chunk: TraceChunk): Promise<void> {
    return this.save(() => putTraces(this.record.config.id, chunk));
  }

  metrics(row: Omit<StoredMetrics, 'runId'>): Promise<void> {
    this.record.step = row.step;
    return this.save(() => putMetrics({ ...row, runId: this.record.config.id }));
  }

  evaluation(evaluation: Evaluation): Promise<void> {
    return this.save(() => putEvaluation(this.record.config.id, evaluation));
  }

  async status(status: RunStatus, finished: StoredRun['finished'] = this.record.finished): Promise<void> {
    this.record = { ...this.record, status, finished, updatedAt: new Date().toISOString() };
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
