// The engine of this worker: starts a backend, tells when its device is lost, and starts it anew.
import { chooseBackend, loseDevice, mostMemoryHeld } from '../backend/backend';
import type { Command } from '../protocol/commands';
import { toWireError, type WireError } from '../protocol/errors';
import type { BackendName, StudioEvent } from '../protocol/events';

type StartCommand = Extract<Command, { type: 'engine.start' }>;

/** How long an error waits for the news that its device is gone: the two come in either order. */
const NEWS_MS = 500;
/** The same for a read that was broken off: hardly anything but a loss does that, and a busy GPU process tells late. */
const BROKEN_READ_NEWS_MS = 30_000;

export class Engine {
  private asked: StartCommand = { type: 'engine.start', backend: 'auto', threads: null };
  private running: BackendName | null = null;
  private lost = false;
  /** Called when the running device is lost. */
  private readonly waiting = new Set<() => void>();

  /** @param onLost called after the page was told; everything on the device is gone */
  constructor(
    private readonly post: (event: StudioEvent) => void,
    private readonly onLost: (error: WireError) => void,
  ) {}

  get backend(): BackendName | null {
    return this.running;
  }

  /** The backend's name and the most memory its tensors took so far, bytes. */
  get held(): { backend: BackendName; memoryBytes: number | null } {
    return { backend: this.running ?? 'simd', memoryBytes: this.running === 'simd' ? mostMemoryHeld() : null };
  }

  async start(command: StartCommand): Promise<void> {
    this.asked = command;
    this.running = null;
    try {
      const { backend, threads } = command;
      const choice = await chooseBackend(backend, { threads, onLost: (reason) => this.lose(reason) });
      // The other backend's kernels are not even loaded.
      await (choice.backend === 'simd' ? import('../ops/registerSimd') : import('../ops/registerWebgpu'));
      this.running = choice.backend;
      this.lost = false;
      this.post({ type: 'engine.started', ...choice });
    } catch (error) {
      this.post({ type: 'engine.failed', error: toWireError(error) });
    }
  }

  /** The same choice once more, after a loss. */
  restart(): Promise<void> {
    return this.start(this.asked);
  }

  /** For tests and the self-test. */
  loseOnPurpose(): void {
    if (this.running === 'webgpu') loseDevice();
    else
      throw new RangeError(
        `engine.loseDevice: expected the webgpu backend, got ${this.running ?? 'none'}. Choose it first.`,
      );
  }

  /** What an error means for the page: on a lost device every error is the loss. */
  async explain(error: unknown): Promise<WireError> {
    const wire = toWireError(error);
    if (wire.kind !== 'internal') return wire;
    if (this.lost) return lossOf(wire.message);
    if (this.running !== 'webgpu') return wire;
    const isLost = await this.lossWithin(isBrokenRead(error) ? BROKEN_READ_NEWS_MS : NEWS_MS);
    return isLost ? lossOf(wire.message) : wire;
  }

  private lossWithin(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const tell = () => {
        clearTimeout(timer);
        this.waiting.delete(tell);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(tell);
        resolve(false);
      }, milliseconds);
      this.waiting.add(tell);
    });
  }

  private lose(reason: string): void {
    if (this.lost) return;
    this.lost = true;
    for (const tell of [...this.waiting]) tell();
    this.post({ type: 'engine.lost', reason });
    this.onLost(lossOf(reason));
  }
}

/** A mapping that ended without its values (WebGPU, `mapAsync`: AbortError, or OperationError on a lost device). */
function isBrokenRead(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'AbortError' || error.name === 'OperationError');
}

function lossOf(reason: string): WireError {
  return {
    kind: 'device',
    message: `webgpu: expected the GPU to stay, it went away (${reason}). It is being started again; resume from the last checkpoint.`,
  };
}
