// Adapters that a person opened beside the loaded model: a PEFT folder's two files, a zip that holds them (what this page exports), or a
// GGUF as llama.cpp loads it. They answer where a run's adapter may, under a name of their own, and go with the model.
import { unzipSync } from 'fflate';
import { type Adapter, disposeAdapter } from '../models/adapter';
import { blobBytes } from '../models/files/memoryBytes';
import { parseJsonObject } from '../models/files/refuse';
import { readGgufAdapter } from '../models/ggufAdapter';
import type { LanguageModel } from '../models/model';
import { importPeftAdapter } from '../models/peftImport';
import { readSafetensors } from '../models/safetensors';
import { StudioError } from '../protocol/errors';
import type { LocalFile, OpenedAdapter } from '../protocol/models';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';

/** A zip may not promise more than this beyond its own length. */
const ROOM = 64 * 2 ** 20;
const MOST_TIMES = 32;

const refuse = (sentence: string): never => {
  throw new StudioError('model', `adapter: ${sentence}`);
};

const lastPart = (path: string) => path.split('/').at(-1) ?? path;
const bytesOf = async ({ file }: LocalFile) => new Uint8Array(await file.arrayBuffer());

/** The two files of PEFT out of a zip, wherever in it they lie. */
function unpacked(name: string, bytes: Uint8Array): Map<string, Uint8Array> {
  let promised = 0;
  const wanted = (file: { name: string; originalSize: number }) => {
    if (![CONFIG, WEIGHTS].includes(lastPart(file.name))) return false;
    promised += file.originalSize;
    if (promised > ROOM + MOST_TIMES * bytes.length)
      refuse(`${name}: expected at most ${MOST_TIMES} times its own length, got ${promised} bytes.`);
    return true;
  };
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter: wanted })).map(([path, data]) => [lastPart(path), data]));
  } catch (error) {
    if (error instanceof StudioError) throw error;
    return refuse(`${name}: expected a zip, got "${error instanceof Error ? error.message : error}".`);
  }
}

/** @throws StudioError('model') naming the file, and what of it does not fit the model */
export async function readAdapterFiles(model: LanguageModel, files: readonly LocalFile[]): Promise<Adapter> {
  const find = (end: string) => files.find(({ path }) => path.toLowerCase().endsWith(end));
  const gguf = find('.gguf');
  if (gguf) return readGgufAdapter(model, blobBytes(lastPart(gguf.path), gguf.file));
  const zip = find('.zip');
  const held = zip
    ? unpacked(lastPart(zip.path), await bytesOf(zip))
    : new Map(
        await Promise.all(
          files.map(async (one): Promise<[string, Uint8Array]> => [lastPart(one.path), await bytesOf(one)]),
        ),
      );
  const [config, weights] = [held.get(CONFIG), held.get(WEIGHTS)];
  if (!config || !weights) {
    const there =
      files
        .map(({ path }) => lastPart(path))
        .slice(0, 8)
        .join(', ') || 'no file';
    return refuse(
      `expected ${CONFIG} and ${WEIGHTS} together, a zip with both, or a GGUF; got ${there}. Choose both files.`,
    );
  }
  return importPeftAdapter(model, parseJsonObject(config, CONFIG), readSafetensors(weights, WEIGHTS));
}

/** How such an adapter is asked for where a run's may be. */
const PREFIX = 'adapter:';
export const isOpenedAdapter = (id: string): boolean => id.startsWith(PREFIX);

export class OpenedAdapters {
  private readonly byId = new Map<string, Adapter>();

  /** One of the same name takes the place of the one before. */
  async open(model: LanguageModel, name: string, files: readonly LocalFile[]): Promise<OpenedAdapter> {
    const adapter = await readAdapterFiles(model, files);
    const id = `${PREFIX}${name}`;
    const before = this.byId.get(id);
    if (before) disposeAdapter(before);
    this.byId.set(id, adapter);
    const rank = Math.max(...[...adapter.lora.values()].map(({ a }) => a.shape[0]));
    return { id, name, modules: adapter.lora.size, rank };
  }

  /** @throws StudioError('model') when none of that name is open */
  get(id: string): Adapter {
    return (
      this.byId.get(id) ?? refuse(`expected "${id.slice(PREFIX.length)}" to be open, it is not. Open its files again.`)
    );
  }

  /** They belong to one model, and to its backend. */
  drop(): void {
    const adapters = [...this.byId.values()];
    this.byId.clear();
    for (const adapter of adapters) disposeAdapter(adapter);
  }
}
