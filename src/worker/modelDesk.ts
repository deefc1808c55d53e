// Takes the page's wishes about models: look at one before it is fetched, load it, break off, list and delete what is kept.
import type { Command } from '../protocol/commands';
import { StudioError, toWireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import type { ModelSource, WeightHolding } from '../protocol/models';
import { ModelCache } from '../storage/modelCache';
import { openOpfsShelf } from '../storage/opfsShelf';
import { createAsking, isAbort } from './hubRequests';
import { ModelLibrary, type OuterSource } from './modelLibrary';
import type { ModelShelf } from './modelShelf';

/** Folder of the origin-private file system. */
const FOLDER = 'models';

async function grantedRoom(): Promise<number | null> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? null : quota - (usage ?? 0);
  } catch {
    return null;
  }
}

/** Chromium tells megabits per second, rounded and at most 10. */
function guessSpeed(): number | null {
  const { downlink }: { downlink?: unknown } = Object(Reflect.get(globalThis.navigator ?? {}, 'connection'));
  return typeof downlink === 'number' && downlink > 0 ? (downlink * 1e6) / 8 : null;
}

async function browserLibrary(): Promise<ModelLibrary> {
  const shelf = await openOpfsShelf(FOLDER);
  return new ModelLibrary({
    cache: shelf && new ModelCache(shelf),
    asking: (token, signal) => createAsking({ token, signal }),
    room: grantedRoom,
    now: () => performance.now(),
    date: () => new Date(),
    guessSpeed,
  });
}

const isOuter = (source: ModelSource): source is OuterSource =>
  source.kind !== 'bundled' && source.kind !== 'left' && source.kind !== 'files';

export class ModelDesk {
  private library: Promise<ModelLibrary> | null = null;
  private underWay: AbortController | null = null;

  constructor(
    private readonly shelf: ModelShelf,
    private readonly post: (event: StudioEvent) => void,
    /** Puts what computes aside and runs a job alone. */
    private readonly alone: (job: () => Promise<void>) => Promise<void>,
  ) {}

  private open(): Promise<ModelLibrary> {
    return (this.library ??= browserLibrary());
  }

  /** What is fetched is fetched beside everything else; only to place it the engine is taken. */
  async load(source: ModelSource, holding?: WeightHolding): Promise<void> {
    this.underWay?.abort();
    const mine = new AbortController();
    this.underWay = mine;
    if (!isOuter(source)) return this.alone(() => this.shelf.load(source));
    try {
      const library = await this.open();
      const opened = await library.open(source, mine.signal, (progress) =>
        this.post({ type: 'model.progressed', ...progress }),
      );
      await this.alone(() => this.shelf.place(opened, mine.signal, holding));
    } catch (error) {
      // Another load took its place: that one speaks.
      if (this.underWay === mine) this.shelf.fail(isAbort(error) ? this.brokenOff() : error);
    }
  }

  private brokenOff(): StudioError {
    return new StudioError(
      'input',
      'model: expected it to be loaded, it was broken off. What was fetched is kept; load it again to go on.',
    );
  }

  cancel(): void {
    this.underWay?.abort();
  }

  async estimate({ requestId, source }: Extract<Command, { type: 'model.estimate' }>): Promise<void> {
    try {
      if (!isOuter(source)) throw new StudioError('input', 'model: expected one that is not the page’s own. Load it.');
      const estimate = await (await this.open()).estimate(source);
      this.post({ type: 'model.estimated', requestId, estimate });
    } catch (error) {
      this.post({ type: 'model.unestimated', requestId, error: toWireError(error) });
    }
  }

  list(): Promise<void> {
    return this.tell((library) => library.list());
  }

  remove(id: string): Promise<void> {
    return this.tell((library) => library.delete(id));
  }

  private async tell(ask: (library: ModelLibrary) => ReturnType<ModelLibrary['list']>): Promise<void> {
    try {
      this.post({ type: 'models.listed', models: await ask(await this.open()) });
    } catch (error) {
      this.post({ type: 'models.failed', error: toWireError(error) });
    }
  }
}
