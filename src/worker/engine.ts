// The engine of this worker: starts a backend, tells when its device is lost, and starts it anew.
import { chooseBackend, loseDevice } from '../backend/backend';
import type { Command } from '../protocol/commands';
import { toWireError, type WireError } from '../protocol/errors';
import type { BackendName, StudioEvent } from '../protocol/events';

type StartCommand = Extract<Command, { type: 'engine.start' }>;

/** How long an error waits for the news that its device is gone: the two come in either order. */
const NEWS_MS = 500;

export class Engine {
  private asked: StartCommand = { type: 'engine.start', backend: 'auto', threads: null };
  private running: BackendName | null = null;
  private lost = false;

  /** @param onLost called after the page was told; everything on the device is gone */
  constructor(
    private readonly post: (event: StudioEvent) => void,
    private readonly onLost: (error: WireError) => void,
  ) {}

  get backend(): BackendName | null {
    return this.running;
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
    if (this.running !== 'webgpu' || wire.kind !== 'internal') return wire;
    for (let waited = 0; !this.lost && waited < NEWS_MS; waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return this.lost ? lossOf(wire.message) : wire;
  }

  private lose(reason: string): void {
    if (this.lost) return;
    this.lost = true;
    this.post({ type: 'engine.lost', reason });
    this.onLost(lossOf(reason));
  }
}

function lossOf(reason: string): WireError {
  return {
    kind: 'device',
    message: `webgpu: expected the GPU to stay, it went away (${reason}). It is being started again; resume from the last checkpoint.`,
  };
}
