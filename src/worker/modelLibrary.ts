// Models from the hub, this machine and the cache: what they would need, and their files opened for reading. A model of the hub is kept
// in the cache on its way, so that the next visit needs no connection; where the browser gives no room it is read from the hub
// as it goes, and that is said.
import type { ByteSource } from '../lib/byteSource';
import { memoryBytes } from '../models/files/memoryBytes';
import type { ModelDescription } from '../models/files/modelDescription';
import { openGguf } from '../models/files/openGguf';
import { openSafetensorsFolder, openSafetensorsWeights } from '../models/files/safetensorsFolder';
import { StudioError } from '../protocol/errors';
import type { CachedModel, HubPlace, ModelEstimate, ModelSource } from '../protocol/models';
import type { Blueprint, ModelCache, ModelRecord } from '../storage/modelCache';
import type { ModelOrigin } from './exportAdapter';
import { checkPlace, filesOfModel, fileUrl, ggufChoices, type HubListing, listRepository } from './hubListing';
import { type Asking, askWhole, hasRanges, httpBytes, isAbort, streamFile } from './hubRequests';
import { type LoadProgress, LoadTeller } from './loadTeller';
import { chooseLocal, fingerprint } from './localModel';
import { estimateModel, weightLimit } from './modelEstimate';
import { readAhead } from './readAhead';

/** Where a model is that is not the page's own. */
export type OuterSource = Exclude<ModelSource, { kind: 'bundled' | 'left' | 'files' }>;

export interface OpenedModel {
  id: string;
  name: string;
  description: ModelDescription;
  origin: ModelOrigin;
  /** left out: it does not come from a host */
  kept?: 'kept' | 'refused';
}

/** The world around: a browser's, or a test's. */
export interface LibraryHost {
  /** null: this browser keeps nothing */
  cache: ModelCache | null;
  asking(token: string | null, signal: AbortSignal | null): Asking;
  /** Bytes the browser still grants; null = it does not say. */
  room(): Promise<number | null>;
  /** milliseconds, monotonic */
  now(): number;
  date(): Date;
  /** The browser's own guess of bytes per second; null = it makes none. */
  guessSpeed(): number | null;
  /** Other than `weightLimit`: for tests. */
  limitBytes?: number;
}

const HUGGING_FACE = 'https://huggingface.co';
/** Files up to this size are held in memory when they are not kept. */
const SMALL_BYTES = 4 * 1024 * 1024;
/** What comes in one piece of at least this size tells a speed. */
const TELLING_BYTES = 128 * 1024;
/** Weights at a host are read in windows, not tensor by tensor. */
const WEIGHT_WINDOW = 2 * 1024 * 1024;
const WINDOWS = 6;
const BESIDE_WEIGHTS = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'];

type Files = Map<string, ByteSource>;
type OnProgress = (progress: LoadProgress) => void;

function idOf({ host, repo, revision, file }: HubPlace): string {
  const at = revision === 'main' ? '' : `@${revision}`;
  return `${repo}${file === null ? '' : `/${file}`}${at}${host === HUGGING_FACE ? '' : ` (${new URL(host).host})`}`;
}

const nameOf = ({ repo, file }: HubPlace): string =>
  (file ?? repo)
    .split('/')
    .at(-1)
    ?.replace(/\.gguf$/i, '') ?? repo;

const ggufOf = (files: Files): ByteSource | null =>
  files.size === 1 ? ([...files.values()].find(({ name }) => /\.gguf$/i.test(name)) ?? null) : null;

const describe = (files: Files): Promise<ModelDescription> => {
  const gguf = ggufOf(files);
  return gguf ? openGguf(gguf) : openSafetensorsFolder(files);
};

const describeWeights = (files: Files): Promise<Pick<ModelDescription, 'config' | 'tensors'>> => {
  const gguf = ggufOf(files);
  return gguf ? openGguf(gguf) : openSafetensorsWeights(files);
};

async function originOf(files: Files, weightsSha256: string | null): Promise<ModelOrigin> {
  const beside = new Map<string, Uint8Array>();
  for (const name of BESIDE_WEIGHTS) {
    const file = files.get(name);
    if (file) beside.set(name, await file.read(0, file.size));
  }
  return { files: beside, weightsSha256 };
}

export class ModelLibrary {
  /** bytes per second of the latest download, or of a long header */
  private speed: number | null = null;

  constructor(private readonly host: LibraryHost) {}

  async list(): Promise<CachedModel[]> {
    return (await this.host.cache?.list()) ?? [];
  }

  async delete(id: string): Promise<CachedModel[]> {
    await this.host.cache?.delete(id);
    return this.list();
  }

  private get limit(): number {
    return this.host.limitBytes ?? weightLimit();
  }

  async estimate(source: OuterSource): Promise<ModelEstimate> {
    if (source.kind === 'local') {
      const files = chooseLocal(source.files);
      const name = source.files[0]?.path.split('/')[0]?.replace(/\.gguf$/i, '') ?? 'model';
      return this.estimateOf(name, files, 0, null, []);
    }
    if (source.kind === 'cached') {
      const record = await this.recordOf(source.id);
      const isWhole = (await this.missing(record.files)) === 0;
      if (!isWhole) return this.estimateHub(record.place, null);
      return this.estimateOf(record.name, await this.cachedFiles(record), 0, record.licence, []);
    }
    return this.estimateHub(source.place, source.token);
  }

  private async estimateHub(given: HubPlace, token: string | null): Promise<ModelEstimate> {
    const place = checkPlace(given);
    const asking = this.host.asking(token, null);
    const listing = await listRepository(place, asking);
    const blueprints = filesOfModel(place, listing.files, this.limit);
    const files = await this.filesAtHost(place, listing, blueprints, asking);
    const choices = ggufChoices(listing.files).map(({ name, bytes }) => ({ file: name, bytes }));
    return this.estimateOf(nameOf(place), files, await this.missing(blueprints), listing.licence, choices);
  }

  private async estimateOf(
    name: string,
    files: Files,
    fetchBytes: number,
    licence: string | null,
    choices: { file: string; bytes: number }[],
  ): Promise<ModelEstimate> {
    const described = await describeWeights(files);
    const speed = this.speed ?? this.host.guessSpeed();
    const fetchSeconds = fetchBytes === 0 ? 0 : speed && fetchBytes / speed;
    const estimate = estimateModel({ name, described, fetchBytes, licence, choices, limitBytes: this.limit });
    return { ...estimate, fetchSeconds };
  }

  private async missing(blueprints: Blueprint[]): Promise<number> {
    let bytes = 0;
    for (const blueprint of blueprints)
      bytes += blueprint.bytes - ((await this.host.cache?.held(blueprint))?.bytes ?? 0);
    return bytes;
  }

  /** @throws StudioError, or an AbortError when it was broken off */
  async open(source: OuterSource, signal: AbortSignal, onProgress: OnProgress): Promise<OpenedModel> {
    if (source.kind === 'local') {
      const files = chooseLocal(source.files);
      const description = await describe(files);
      const first = ggufOf(files)?.name.replace(/\.gguf$/i, '') ?? source.files[0].path.split('/')[0];
      const id = `${first}-${await fingerprint(description)}`;
      return { id, name: first, description, origin: await originOf(files, null) };
    }
    if (source.kind === 'cached') {
      const record = await this.recordOf(source.id);
      if ((await this.missing(record.files)) === 0) return this.openCached(record);
      return this.openHub(record.place, null, signal, onProgress);
    }
    return this.openHub(source.place, source.token, signal, onProgress);
  }

  private async recordOf(id: string): Promise<ModelRecord> {
    const record = await this.host.cache?.find(id);
    if (record) return record;
    throw new StudioError('model', `${id}: expected it among the models kept here, it is not. Fetch it again.`);
  }

  private async cachedFiles(record: ModelRecord): Promise<Files> {
    const files: Files = new Map();
    for (const blueprint of record.files) files.set(blueprint.name, await this.cacheOrNone().read(blueprint));
    return files;
  }

  private cacheOrNone(): ModelCache {
    if (this.host.cache) return this.host.cache;
    throw new StudioError('storage', 'models: expected a file system that keeps them, this browser gives none.');
  }

  private async openCached(record: ModelRecord): Promise<OpenedModel> {
    const files = await this.cachedFiles(record);
    await this.cacheOrNone().save({ ...record, usedAt: this.host.date().toISOString() });
    return this.opened(record, files, 'kept');
  }

  private async opened(record: ModelRecord, files: Files, kept: 'kept' | 'refused'): Promise<OpenedModel> {
    const { id, name } = record;
    const weights = record.files.filter((file) => /\.(safetensors|gguf)$/i.test(file.name));
    const hash =
      weights.length === 1 ? (weights[0].sha256 ?? (await this.host.cache?.hashOf(weights[0])) ?? null) : null;
    return { id, name, description: await describe(files), origin: await originOf(files, hash), kept };
  }

  private async openHub(
    given: HubPlace,
    token: string | null,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<OpenedModel> {
    const place = checkPlace(given);
    const asking = this.host.asking(token, signal);
    const known = await this.host.cache?.find(idOf(place));
    let listing: HubListing;
    try {
      listing = await listRepository(place, asking);
    } catch (error) {
      // Without a connection what is here whole still serves.
      if (isAbort(error) || !known || (await this.missing(known.files)) > 0) throw error;
      return this.openCached(known);
    }
    const files = filesOfModel(place, listing.files, this.limit);
    const usedAt = this.host.date().toISOString();
    const record: ModelRecord = {
      id: idOf(place),
      name: nameOf(place),
      licence: listing.licence,
      usedAt,
      place,
      files,
    };
    if (await this.keep(record, listing, asking, onProgress)) {
      return this.opened(record, await this.cachedFiles(record), 'kept');
    }
    return this.opened(record, await this.streamedFiles(record, listing, asking, onProgress), 'refused');
  }

  /** Brings all files into the cache. False: there is no room, or no cache. */
  private async keep(
    record: ModelRecord,
    listing: HubListing,
    asking: Asking,
    onProgress: OnProgress,
  ): Promise<boolean> {
    const { cache } = this.host;
    const missing = await this.missing(record.files);
    const room = await this.host.room();
    if (!cache || (room !== null && missing > room)) return false;
    try {
      await cache.save(record);
      await this.receive(cache, record, listing, asking, onProgress);
      return true;
    } catch (error) {
      if (!(error instanceof StudioError) || error.kind !== 'storage') throw error;
      await cache.delete(record.id).catch(() => {});
      return false;
    }
  }

  private async receive(
    cache: ModelCache,
    { place, files }: ModelRecord,
    { commit }: HubListing,
    asking: Asking,
    onProgress: OnProgress,
  ): Promise<void> {
    const teller = this.teller(files, onProgress);
    for (const file of files) {
      const stream = (from: number) => streamFile(fileUrl(place, commit, file.name), file.bytes, from, asking);
      await cache.receive(file, stream, teller.nextFile(file.bytes));
    }
  }

  private teller(files: Blueprint[], onProgress: OnProgress): LoadTeller {
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    return new LoadTeller(total, this.host.now, (progress) => {
      this.speed = progress.bytesPerSecond ?? this.speed;
      onProgress(progress);
    });
  }

  /** Files at their host, read by ranges: for headers. What is small or kept is not asked for piece by piece. */
  private async filesAtHost(
    place: HubPlace,
    { commit }: HubListing,
    blueprints: Blueprint[],
    asking: Asking,
  ): Promise<Files> {
    const files: Files = new Map();
    for (const blueprint of blueprints) {
      const { name, bytes } = blueprint;
      const isHere = (await this.host.cache?.held(blueprint))?.isWhole;
      const source = isHere && this.host.cache ? await this.host.cache.read(blueprint) : null;
      files.set(name, source ?? this.timed(httpBytes(name, fileUrl(place, commit, name), bytes, asking)));
    }
    return files;
  }

  /** A header that is long says how fast the host is. */
  private timed(source: ByteSource): ByteSource {
    const read = async (offset: number, length: number) => {
      const began = this.host.now();
      const part = await source.read(offset, length);
      const ms = this.host.now() - began;
      if (length >= TELLING_BYTES && ms > 0) this.speed = (length * 1000) / ms;
      return part;
    };
    return { ...source, read };
  }

  /** Files that are not kept: by ranges, or in memory where they are small or the host gives no parts. */
  private async streamedFiles(
    { place, files }: ModelRecord,
    { commit }: HubListing,
    asking: Asking,
    onProgress: OnProgress,
  ): Promise<Files> {
    const teller = this.teller(files, onProgress);
    const sources: Files = new Map();
    for (const { name, bytes } of files) {
      const url = fileUrl(place, commit, name);
      const isWhole = bytes <= SMALL_BYTES || !(await hasRanges(url, asking));
      if (isWhole) {
        sources.set(name, memoryBytes(name, await askWhole(url, bytes, asking)));
        teller.add(bytes);
        continue;
      }
      const far = httpBytes(name, url, bytes, asking);
      const read = async (offset: number, length: number) => {
        const part = await far.read(offset, length);
        teller.add(length);
        return part;
      };
      sources.set(name, readAhead({ ...far, read }, WEIGHT_WINDOW, WINDOWS));
    }
    return sources;
  }
}
