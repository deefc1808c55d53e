// Keeps what a run produces. When the browser refuses, the run goes on unsaved and the page is told, once per cause.
import type { Checkpoint } from '../protocol/checkpoint';
import { StudioError, toWireError } from '../protocol/errors';
import type { Evaluation, RunConfig, RunStatus, StudioEvent } from '../protocol/events';
import type { TraceChunk } from '../protocol/trace';
import { keepStorage, type StoredMetrics, type StoredRun } from '../storage/database';
import { putCheckpoint, readCheckpoint } from '../storage/storedCheckpoints';
import { putRun, readRun, runLock, trimRun } from '../storage/storedRuns';
import { putEvaluation, putMetrics } from '../storage/storedSeries';
import { putTraces } from '../storage/storedTraces';

export class RunKeeper {
  private saving = true;
  private record: StoredRun;
  /** Greedy accuracy of the second attempt at the best checkpoint so far. */
  private bestAccuracy: number;
  private letGo: (() => void) | null = null;

  private constructor(
    record: StoredRun,
    best: Checkpoint | null,
    private readonly post: (event: StudioEvent) => void,
  ) {
    this.record = record;
    this.bestAccuracy = best?.latest?.greedy.accuracyT2 ?? Number.NEGATIVE_INFINITY;
  }

  /** A keeper for a new run. */
  static async begin(config: RunConfig, post: (event: StudioEvent) => void): Promise<RunKeeper> {
    const now = new Date().toISOString();
    const keeper = new RunKeeper(
      { config, status: 'running', step: 0, checkpointStep: null, updatedAt: now, finished: null },
      null,
      post,
    );
    void keepStorage();
    await keeper.holdLock();
    await keeper.save(() => putRun(keeper.record));
    return keeper;
  }

  /** A keeper for a stored run, with its last checkpoint; rows after that checkpoint are forgotten. */
  static async reopen(
    runId: string,
    post: (event: StudioEvent) => void,
  ): Promise<{ keeper: RunKeeper; config: RunConfig; checkpoint: Checkpoint | null }> {
    const record = await readRun(runId);
    if (!record) {
      throw new StudioError(
        'storage',
        `run ${runId}: expected it among the stored runs, it is not there. It may have been deleted.`,
      );
    }
    const checkpoint = await readCheckpoint(runId, 'last');
    const keeper = new RunKeeper(record, await readCheckpoint(runId, 'best'), post);
    await trimRun(runId, checkpoint?.step ?? -1);
    await keeper.holdLock();
    return { keeper, config: record.config, checkpoint };
  }

  /** While this tab works on the run, other tabs see that it is not abandoned. */
  private async holdLock(): Promise<void> {
    const locks = globalThis.navigator?.locks;
    if (!locks || this.letGo) return;
    await new Promise<void>((held) => {
      void locks.request(runLock(this.record.config.id), () => {
        held();
        return new Promise<void>((resolve) => {
          this.letGo = resolve;
        });
      });
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

  /** Into the slot `last`; into `best` too when its second attempts are the best measured so far. @returns whether it was kept */
  async checkpoint(checkpoint: Checkpoint): Promise<boolean> {
    const { latest, step } = checkpoint;
    const accuracy = latest?.step === step ? latest.greedy.accuracyT2 : Number.NEGATIVE_INFINITY;
    const isBest = accuracy > this.bestAccuracy;
    await this.save(async () => {
      await putCheckpoint(this.record.config.id, isBest ? ['last', 'best'] : ['last'], checkpoint);
      this.record = { ...this.record, step, checkpointStep: step };
      if (isBest) this.bestAccuracy = accuracy;
    });
    return this.saving;
  }
}
