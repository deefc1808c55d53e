// Drives one run: pulls its session item by item, keeps and reports what comes, and pauses by not pulling.
// A run may only be left at a safe point: after a step and the evaluation that belongs to it, never between the two.
import type { Checkpoint } from '../protocol/checkpoint';
import type { WireError } from '../protocol/errors';
import type { RunConfig, RunEvent, RunRate, StudioEvent } from '../protocol/events';
import type { RunClock } from './runClock';
import type { RunKeeper } from './runKeeper';
import type { SessionItem } from './runSession';
import { letMessagesIn, letThePageDraw, type Turnstile } from './turnstile';

/** What the driver needs of a RunSession. */
export interface DrivenSession {
  readonly step: number;
  events(): AsyncGenerator<SessionItem>;
  checkpoint(): Promise<Checkpoint>;
  dispose(): void;
}

export interface DriverParts<S extends DrivenSession> {
  config: RunConfig;
  keeper: RunKeeper;
  clock: RunClock;
  turnstile: Turnstile;
  post(event: StudioEvent): void;
  /** What went wrong, in the page's words: an error of a device that is gone counts as `device`. */
  explain(error: unknown): Promise<WireError>;
  /** A session at a checkpoint, or at the beginning. */
  open(checkpoint: Checkpoint | null): Promise<S>;
  /** How fast a session goes; null while nothing was measured. */
  rateOf?(session: S): RunRate | null;
}

type Wish = 'run' | 'one step' | 'pause' | 'stop';

export class RunDriver<S extends DrivenSession> {
  private session: S | null = null;
  private items: AsyncGenerator<SessionItem> | null = null;
  /** What a lost session starts from again. */
  private last: Checkpoint | null;
  private wish: Wish = 'pause';
  private pulling: Promise<void> = Promise.resolve();
  private ended = false;
  /** Counts sessions given up: what an old one still says is not listened to. */
  private sitting = 0;
  /** The page was told that the run stands still. */
  private saidPaused = false;
  /** The safe point at which the newest checkpoint was taken. */
  private checkpointed: number;

  constructor(
    private readonly parts: DriverParts<S>,
    checkpoint: Checkpoint | null,
  ) {
    this.last = checkpoint;
    this.checkpointed = checkpoint?.step ?? -1;
  }

  get config(): RunConfig {
    return this.parts.config;
  }

  get runId(): string {
    return this.parts.config.id;
  }

  get isOpen(): boolean {
    return this.session !== null && !this.ended;
  }

  get isOver(): boolean {
    return this.ended;
  }

  /** Says where a run stands that was put on the desk and not told to go. */
  sayPaused(): Promise<void> {
    return this.reportPause(null);
  }

  /** The session whose adapter answers questions about this run; null while there is none. */
  get current(): S | null {
    return this.session;
  }

  /** What was learned so far, while there is no session. */
  get latest(): Checkpoint | null {
    return this.last;
  }

  /** Opens the session (unless it is open) and says where the run stands, without taking a step. */
  async open(): Promise<void> {
    if (this.session || this.ended) return;
    const { turnstile, post } = this.parts;
    await turnstile.pass(async () => {
      this.session = await this.parts.open(this.last);
      this.items = this.session.events();
      // The first item is run.started: nothing is computed before the second is pulled.
      const first = await this.items.next();
      if (!first.done && 'event' in first.value) post(first.value.event);
    });
  }

  /** Goes on until something else is wished. */
  resume(): void {
    this.start('run');
  }

  /** One step (with the evaluation that belongs to it), then pauses. */
  stepOnce(): void {
    this.start('one step');
  }

  /** Pauses at the next safe point; resolves when the run stands still. */
  pause(): Promise<void> {
    if (this.wish !== 'stop') this.wish = 'pause';
    return this.pulling;
  }

  /** Ends the run at the next safe point and keeps what it learned. */
  async stop(): Promise<void> {
    if (this.ended) return;
    const wasStill = this.wish === 'pause';
    this.wish = 'stop';
    await this.pulling;
    if (wasStill && !this.ended) await this.halt();
  }

  /** The session is of no use any more (its backend is gone): the next resume starts from the last checkpoint. */
  async lose(error: WireError | null): Promise<void> {
    if (this.ended) return;
    const wasStill = this.wish === 'pause';
    this.wish = 'pause';
    this.dropSession();
    // The step under way may never return from a dead device: nobody waits for it any more.
    this.pulling = Promise.resolve();
    if (!wasStill || error) await this.reportPause(error);
  }

  dispose(): void {
    this.ended = true;
    this.parts.clock.halt();
    this.dropSession();
    this.parts.keeper.release();
  }

  private dropSession(): void {
    this.sitting++;
    try {
      this.session?.dispose();
    } catch {
      // Its tensors went with their backend.
    }
    this.session = null;
    this.items = null;
  }

  private start(wish: 'run' | 'one step'): void {
    if (this.ended || this.wish === 'stop') return;
    const wasStill = this.wish === 'pause';
    this.wish = wish;
    if (wasStill) this.pulling = this.pulling.then(() => this.pull());
  }

  private async pull(): Promise<void> {
    const { clock, keeper, post, turnstile } = this.parts;
    const { sitting } = this;
    try {
      if (this.wish === 'pause' || this.wish === 'stop') return await this.halt();
      await this.open();
      const { items, session } = this;
      if (!items || !session) return;
      await keeper.status('running');
      if (this.saidPaused) post({ type: 'run.resumed', runId: this.runId, step: session.step });
      this.saidPaused = false;
      clock.go();
      for (;;) {
        await letMessagesIn();
        if (this.sitting !== sitting) return;
        const next = await turnstile.pass(() => items.next());
        if (this.sitting !== sitting) return;
        if (next.done) return await this.finish();
        const isSafe = await this.take(next.value);
        if (this.sitting !== sitting) return;
        if (isSafe && this.wish !== 'run') return await this.halt();
      }
    } catch (error) {
      if (this.sitting === sitting) await this.fail(error);
    }
  }

  /** Keeps and reports one item. @returns whether the run may be left here */
  private async take(item: SessionItem): Promise<boolean> {
    const { keeper, post, config } = this.parts;
    if ('traces' in item) {
      await keeper.traces(item.traces);
      return false;
    }
    const { event } = item;
    if (event.type === 'run.stepped') {
      const { step, stage, metrics, secondsElapsed, tokens } = event;
      await keeper.metrics({ step, stage, metrics, secondsElapsed, tokens });
      post(event);
      const evaluationFollows = step % config.evaluateEvery === 0 || step === config.totalSteps;
      if (evaluationFollows) return false;
      if (step % config.checkpointEvery === 0) await this.keepCheckpoint();
      return true;
    }
    if (event.type === 'run.evaluated') {
      await keeper.evaluation(event.evaluation);
      post(event);
      if (event.evaluation.slice === 'test') return false;
      await Promise.all([this.keepCheckpoint(), letThePageDraw()]);
      // The base's evaluation comes before the first step: "one step" means a real one.
      return !(this.wish === 'one step' && event.evaluation.step === 0);
    }
    if (event.type === 'run.earlyStopped') keeper.stopEarly(event.reason);
    if (event.type === 'run.finished') {
      this.ended = true;
      await keeper.status('finished', event);
    }
    post(event);
    return false;
  }

  private async keepCheckpoint(): Promise<void> {
    const { session } = this;
    if (!session || session.step === this.checkpointed) return;
    this.last = await session.checkpoint();
    this.checkpointed = this.last.step;
    const rate = this.parts.rateOf?.(session) ?? null;
    this.parts.keeper.rate(rate);
    const slots = await this.parts.keeper.checkpoint(this.last);
    if (slots.length > 0) {
      const isBest = slots.includes('best');
      this.parts.post({ type: 'run.checkpointed', runId: this.runId, step: this.last.step, isBest, rate });
    }
  }

  /** Stands still at a safe point, as was wished. */
  private async halt(): Promise<void> {
    await this.keepCheckpoint();
    if (this.wish !== 'stop') return this.reportPause(null);
    this.ended = true;
    const step = this.session?.step ?? this.last?.step ?? 0;
    this.parts.clock.halt();
    await this.parts.keeper.status('stopped');
    this.parts.keeper.release();
    this.parts.post({ type: 'run.stopped', runId: this.runId, step });
  }

  private async reportPause(error: WireError | null): Promise<void> {
    this.wish = 'pause';
    this.saidPaused = true;
    this.parts.clock.halt();
    await this.parts.keeper.status('paused');
    const step = this.session?.step ?? this.last?.step ?? 0;
    this.parts.post({ type: 'run.paused', runId: this.runId, step, error });
  }

  /** The session has nothing more to give. A run without a final comparison ends as stopped. */
  private async finish(): Promise<void> {
    this.parts.clock.halt();
    if (!this.ended) {
      this.wish = 'stop';
      await this.halt();
    }
    this.parts.keeper.release();
  }

  /** A fault of ours or of the settings ends the run; after any other it waits, and goes on from the last checkpoint. */
  private async fail(error: unknown): Promise<void> {
    const { sitting } = this;
    const wire = await this.parts.explain(error);
    // Meanwhile the loss itself was heard of, and the run paused for it.
    if (this.sitting !== sitting) return;
    this.dropSession();
    if (wire.kind !== 'internal' && wire.kind !== 'input') return this.reportPause(wire);
    this.ended = true;
    this.parts.clock.halt();
    await this.parts.keeper.status('failed');
    this.parts.keeper.release();
    const event: RunEvent = { type: 'run.failed', runId: this.runId, error: wire };
    this.parts.post(event);
  }
}
