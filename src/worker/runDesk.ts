// The run in progress: at most one. Turns run commands into a driver on a RunSession, and finds adapters to ask.
import { hasRoomFor } from '../backend/backend';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { Checkpoint, CheckpointSlot } from '../protocol/checkpoint';
import type { Command } from '../protocol/commands';
import { StudioError, toWireError, type WireError } from '../protocol/errors';
import type { RunConfig, StudioEvent } from '../protocol/events';
import { readCheckpoint } from '../storage/storedCheckpoints';
import { readRun } from '../storage/storedRuns';
import type { Engine } from './engine';
import { type ExportedAdapter, exportAdapter } from './exportAdapter';
import { measuredUntil } from './measuredUntil';
import type { ModelShelf } from './modelShelf';
import { newRunConfig } from './newRun';
import { isOpenedAdapter } from './openedAdapters';
import { planRun } from './planRun';
import { planSteps } from './planSteps';
import { roomOnDevice } from './roomOnDevice';
import { RunClock } from './runClock';
import { RunDriver } from './runDriver';
import { RunKeeper } from './runKeeper';
import { RunSession } from './runSession';
import { letMessagesIn, type Turnstile } from './turnstile';

type StartCommand = Extract<Command, { type: 'run.start' }>;

export interface DeskParts {
  engine: Engine;
  shelf: ModelShelf;
  turnstile: Turnstile;
  post(event: StudioEvent): void;
}

/** Largest difference between a log-prob in the rollout and in the loss, nats. */
const LOG_PROB_TOLERANCE = { simd: 1e-5, webgpu: 1e-3 };

/**
 * Largest difference between a logit of an export that was read back and of the adapter in memory. Both are the same float32
 * numbers through the same kernels: on simd exactly equal; a GPU's driver may compile a shader anew in between.
 */
const LOGIT_TOLERANCE = { simd: 0, webgpu: 1e-4 };

export class RunDesk {
  private driver: RunDriver<RunSession> | null = null;
  private keeper: RunKeeper | null = null;
  /** What the samples of a run may take; null: by what the browser grants. */
  private traceBytes: number | null = null;

  constructor(private readonly parts: DeskParts) {}

  async start(command: StartCommand): Promise<void> {
    const { shelf, post } = this.parts;
    let runId = command.runId ?? '';
    try {
      await this.leave();
      const { model } = shelf;
      const config = newRunConfig(command, model.id);
      runId = config.id;
      if (config.minutes !== null) config.totalSteps = await this.stepsFor(config, config.minutes, model);
      this.keeper = await RunKeeper.begin(config, this.traceBytes, post);
      this.driver = this.newDriver(config, this.keeper, null);
      this.driver.resume();
    } catch (error) {
      post({ type: 'run.failed', runId, error: toWireError(error) });
    }
  }

  private stepsFor(config: RunConfig, minutes: number, model: LanguageModel): Promise<number> {
    return this.parts.turnstile.pass(async () => {
      const plan = await planSteps(config, model, minutes * 60, config.testProblems ?? 0);
      return plan.steps;
    });
  }

  /** Puts a stored run on the desk, paused at a checkpoint. */
  async restore(runId: string, slot: CheckpointSlot = 'last'): Promise<void> {
    const { post, shelf } = this.parts;
    try {
      if (slot === 'last' && this.driver?.runId === runId && this.driver.isOpen) {
        await this.driver.pause();
        return this.driver.sayPaused();
      }
      await this.leave();
      const { keeper, config, checkpoint } = await RunKeeper.reopen(runId, slot, this.traceBytes, post);
      this.keeper = keeper;
      try {
        shelf.modelOf(config);
        this.driver = this.newDriver(config, keeper, checkpoint);
        await this.driver.open();
        await this.driver.sayPaused();
      } catch (error) {
        keeper.release();
        throw error;
      }
    } catch (error) {
      this.driver = null;
      post({ type: 'run.failed', runId, error: toWireError(error) });
    }
  }

  private newDriver(config: RunConfig, keeper: RunKeeper, checkpoint: Checkpoint | null): RunDriver<RunSession> {
    const { engine, shelf, turnstile, post } = this.parts;
    const clock = new RunClock((seconds) => post({ type: 'run.slept', runId: config.id, seconds }));
    const plan = planRun(shelf.modelOf(config), config.recipe, config.settings, {
      task: config.task,
      level: config.level,
    });
    return new RunDriver<RunSession>(
      {
        config,
        keeper,
        clock,
        turnstile,
        post,
        explain: (error) => engine.explain(error),
        rateOf: ({ meter }) => meter.rate && { ...meter.rate, ...engine.held, plannedPositions: plan.positions },
        open: async (from) => {
          const model = shelf.modelOf(config);
          const task = { task: config.task, level: config.level };
          const whole = planRun(model, config.recipe, config.settings, task, Number.POSITIVE_INFINITY);
          const room = engine.backend === 'webgpu' ? await roomOnDevice(model, whole, hasRoomFor) : {};
          return RunSession.create({
            ...room,
            config,
            model,
            checkpoint: from,
            logProbTolerance: LOG_PROB_TOLERANCE[engine.backend ?? 'simd'],
            testProblems: config.testProblems,
            breathe: letMessagesIn,
            now: clock.now,
          });
        },
      },
      checkpoint,
    );
  }

  /** The driver on the desk. @throws StudioError('input') */
  private get atWork(): RunDriver<RunSession> {
    if (this.driver) return this.driver;
    throw new StudioError(
      'input',
      'run: expected one that was started or restored, there is none. Start or restore a run.',
    );
  }

  /** Goes on. A run that was stopped is opened again first. */
  async resume(): Promise<void> {
    const { runId, isOver } = this.atWork;
    if (isOver) await this.restore(runId);
    this.driver?.resume();
  }

  limitTraces(bytes: number | null): void {
    this.traceBytes = bytes;
    if (bytes !== null) this.keeper?.limitTraces(bytes);
  }

  stepOnce(): void {
    this.atWork.stepOnce();
  }

  pause(): Promise<void> {
    return this.atWork.pause();
  }

  stop(): Promise<void> {
    return this.atWork.stop();
  }

  async remove(runId: string): Promise<void> {
    if (this.driver?.runId === runId) {
      const { driver } = this;
      await driver.pause();
      driver.dispose();
      this.driver = null;
    }
    await RunKeeper.remove(runId);
    this.keeper?.tryAgain();
    this.parts.post({ type: 'run.deleted', runId });
  }

  /** Before the engine or the model changes: pauses with a checkpoint and lets the session's tensors go. */
  async standAside(): Promise<void> {
    await this.driver?.pause();
    await this.driver?.lose(null);
  }

  /** The device is gone: nothing can be saved any more, the last checkpoint counts. */
  async loseSession(error: WireError): Promise<void> {
    await this.driver?.lose(error);
  }

  /** Leaves the run on the desk as it is; it stays in the list of stored runs. */
  private async leave(): Promise<void> {
    await this.driver?.pause();
    this.driver?.dispose();
    this.driver = null;
    this.keeper = null;
  }

  /** What a run has learned so far, as a file to take home; read back and checked before it is given. */
  async exportOf(runId: string, slot: CheckpointSlot = 'last'): Promise<ExportedAdapter> {
    const { engine, shelf, turnstile } = this.parts;
    return turnstile.pass(async () => {
      const adapter = await this.adapterOf(runId, slot);
      const own = this.driver?.runId === runId ? this.driver : null;
      const config = own?.config ?? (await readRun(runId))?.config;
      const current = slot === 'last' ? (own?.current?.step ?? own?.latest?.step) : undefined;
      const steps = current ?? (await readCheckpoint(runId, slot))?.step ?? 0;
      if (!config)
        throw new StudioError('storage', `run ${runId}: expected it to be stored, it is not. Practise first.`);
      const model = shelf.modelOf(config);
      return exportAdapter({
        model,
        origin: shelf.origin,
        adapter,
        config,
        step: steps,
        measured: await measuredUntil(runId, steps),
        studioVersion: APP_VERSION,
        tolerance: LOGIT_TOLERANCE[engine.backend ?? 'simd'],
      });
    });
  }

  /** The adapter of a run: in training, or from a checkpoint. */
  async adapterOf(runId: string, slot: CheckpointSlot = 'last'): Promise<Adapter> {
    const { shelf } = this.parts;
    if (isOpenedAdapter(runId)) return shelf.opened.get(runId);
    const { driver } = this;
    if (slot === 'last' && driver?.runId === runId) {
      if (driver.current) return driver.current.adapter;
      if (driver.latest) return shelf.adapterOf(driver.config, driver.latest);
    }
    const stored = await readRun(runId);
    const checkpoint = stored && (await readCheckpoint(runId, slot));
    if (!checkpoint) {
      throw new StudioError(
        'storage',
        `run ${runId}: expected a stored checkpoint (${slot}), there is none. Practise first.`,
      );
    }
    return shelf.adapterOf(stored.config, checkpoint);
  }
}
