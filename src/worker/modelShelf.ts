// The model in use, with the files it came from: after a new engine start the same files make the same model again.
import { type Adapter, disposeAdapter, restoreAdapter } from '../models/adapter';
import { loadModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import { openModel } from '../models/openModel';
import type { Checkpoint } from '../protocol/checkpoint';
import { StudioError, toWireError } from '../protocol/errors';
import type { RunConfig, StudioEvent } from '../protocol/events';
import type { WeightHolding } from '../protocol/models';
import { recipeById } from '../recipes/index';
import type { ModelOrigin } from './exportAdapter';
import { hashOfWeights, type NamedModelFiles, readModelSource, type WholeSource } from './modelFiles';
import type { OpenedModel } from './modelLibrary';
import { OpenedAdapters } from './openedAdapters';

const TELL_EVERY_MS = 100;

/** The type that most numbers in blocks have; none = float32. */
function mostlyStoredAs({ quantised }: LanguageModel): string | undefined {
  const counts = new Map<string, number>();
  for (const { type, shape } of quantised?.values() ?? []) {
    counts.set(type, (counts.get(type) ?? 0) + shape[0] * shape[1]);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

export class ModelShelf {
  private loaded: LanguageModel | null = null;
  private loadedFrom: ModelOrigin | null = null;
  private bundled: NamedModelFiles | null = null;
  /** The adapter of a stored run that was asked about last. */
  private borrowed: { key: string; adapter: Adapter } | null = null;

  /** What a person opened beside the model. */
  readonly opened = new OpenedAdapters();

  constructor(private readonly post: (event: StudioEvent) => void) {}

  /** Reads and places the page's own model, or small files in its layout. A model that cannot be loaded leaves none: the page must
   *  not mistake the old one for it. */
  async load(source: WholeSource): Promise<void> {
    try {
      const named = await this.read(source);
      const beside = [...named.files].filter(([name]) => name !== 'model.safetensors');
      const origin = { files: new Map(beside), weightsSha256: await hashOfWeights(named.files) };
      this.drop();
      this.put(loadModel(named.id, named.files), origin, {});
    } catch (error) {
      this.fail(error);
    }
  }

  /** Places a model whose files are open, tensor by tensor. @throws what opening it throws; an AbortError when broken off */
  async place(
    { id, name, description, origin, kept }: OpenedModel,
    signal: AbortSignal,
    holding?: WeightHolding,
  ): Promise<void> {
    try {
      signal.throwIfAborted();
      this.drop();
      let told = Number.NEGATIVE_INFINITY;
      const model = await openModel(description, {
        id,
        holding,
        onProgress: (loadedBytes, totalBytes) => {
          signal.throwIfAborted();
          if (performance.now() - told < TELL_EVERY_MS && loadedBytes < totalBytes) return;
          told = performance.now();
          this.post({ type: 'model.progressed', loadedBytes, totalBytes, phase: 'placing' });
        },
      });
      const { model_type: type } = description.config;
      const architecture = typeof type === 'string' ? type : undefined;
      this.put(model, origin, { name, kept, architecture, storedAs: mostlyStoredAs(model) });
    } finally {
      await description.tensors.close();
    }
  }

  private put(
    model: LanguageModel,
    origin: ModelOrigin,
    about: Pick<Extract<StudioEvent, { type: 'model.loaded' }>, 'name' | 'kept' | 'architecture' | 'storedAs'>,
  ): void {
    this.loaded = model;
    this.loadedFrom = origin;
    const { layers, hidden, vocabulary, maxPositions } = model.architecture.shape;
    const { id, parameters, bytes } = model;
    this.post({ type: 'model.loaded', id, parameters, bytes, layers, hidden, vocabulary, maxPositions, ...about });
  }

  fail(error: unknown): void {
    this.post({ type: 'model.failed', error: toWireError(error) });
  }

  private async read(source: WholeSource): Promise<NamedModelFiles> {
    if (source.kind === 'bundled' && this.bundled) return this.bundled;
    const named = await readModelSource(source, (loadedBytes, totalBytes) =>
      this.post({ type: 'model.progressed', loadedBytes, totalBytes }),
    );
    if (source.kind === 'bundled') this.bundled = named;
    return named;
  }

  /** Forgets the model and its tensors (which may have gone with their backend). */
  drop(): void {
    const { loaded, borrowed } = this;
    this.loaded = null;
    this.borrowed = null;
    try {
      if (borrowed) disposeAdapter(borrowed.adapter);
      this.opened.drop();
      loaded?.dispose();
    } catch {
      // Their backend is gone, and they with it.
    }
  }

  /** null while none is in use */
  get modelOrNull(): LanguageModel | null {
    return this.loaded;
  }

  /** @throws StudioError('model') while there is none */
  get model(): LanguageModel {
    if (this.loaded) return this.loaded;
    throw new StudioError('model', 'model: expected one to be loaded, there is none. Load a model first.');
  }

  /** The small files the model came with, and the hash of its weights. @throws StudioError('model') while there is none */
  get origin(): ModelOrigin {
    if (this.loaded && this.loadedFrom) return this.loadedFrom;
    throw new StudioError('model', 'model: expected one to be loaded, there is none. Load a model first.');
  }

  /** The model a run was begun with. @throws StudioError('model') when another one is loaded */
  modelOf(config: RunConfig): LanguageModel {
    const { model } = this;
    if (model.id === config.model) return model;
    throw new StudioError(
      'model',
      `run ${config.id}: expected the model ${config.model} it was begun with, got ${model.id}. Load ${config.model} and try again.`,
    );
  }

  /** The adapter of a checkpoint, made once. */
  adapterOf(config: RunConfig, checkpoint: Checkpoint): Adapter {
    const key = `${config.id} ${checkpoint.step}`;
    if (this.borrowed?.key === key) return this.borrowed.adapter;
    const settings = recipeById(config.recipe).adapter(config.settings);
    const adapter = restoreAdapter(this.modelOf(config), settings, checkpoint.tensors);
    if (this.borrowed) disposeAdapter(this.borrowed.adapter);
    this.borrowed = { key, adapter };
    return adapter;
  }
}
