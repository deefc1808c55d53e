// Models that were fetched, kept by their content: a file is named by the hash of what is in it, so that two models (or two revisions
// of one) share what is equal. A download that stops goes on at the byte where it stopped, whatever stopped it.
//   <key>        the bytes, whole or the beginning
//   <key>.done   written last: { bytes, sha256 }; without it the file counts as unfinished
//   <id>.model   which files a model is made of
import type { ByteSource } from '../lib/byteSource';
import { Sha256, sha256Hex } from '../lib/sha256';
import { StudioError } from '../protocol/errors';
import type { CachedModel, HubPlace } from '../protocol/models';
import type { FileShelf, OpenFile } from './fileShelf';

/** A file as its server describes it. */
export interface Blueprint {
  name: string;
  bytes: number;
  /** Of its content: "sha256-…" where the server tells, else "git-…", else made of its address and tag. */
  key: string;
  /** null: the server does not tell; it is computed on the way. */
  sha256: string | null;
}

/** Which files a model is made of, and where they came from. */
export interface ModelRecord extends Omit<CachedModel, 'bytes' | 'keptBytes'> {
  place: HubPlace;
  files: Blueprint[];
}

/** Bytes from an offset to the end, in pieces. */
export type Stream = (from: number) => AsyncIterable<Uint8Array>;

const REHASH_BYTES = 4 * 1024 * 1024;
/** So much is on the disk at least every so often: what a crash costs. */
const FLUSH_BYTES = 16 * 1024 * 1024;

const recordName = (id: string) => `${sha256Hex(new TextEncoder().encode(id)).slice(0, 32)}.model`;

export class ModelCache {
  constructor(private readonly shelf: FileShelf) {}

  private async readJson(name: string): Promise<Record<string, unknown> | null> {
    const size = await this.shelf.size(name);
    if (!size) return null;
    const source = await this.shelf.read(name, name);
    try {
      const json: unknown = JSON.parse(new TextDecoder().decode(await source.read(0, size)));
      return json && typeof json === 'object' ? Object.fromEntries(Object.entries(json)) : null;
    } catch {
      return null; // half written when the page died: as good as none
    }
  }

  private async writeJson(name: string, value: unknown): Promise<void> {
    const file = await this.shelf.open(name);
    try {
      file.clear();
      file.append(new TextEncoder().encode(JSON.stringify(value)));
      file.flush();
    } finally {
      file.close();
    }
  }

  /** Bytes that are here; `isWhole` once they are all here and were found right. */
  async held({ key, bytes }: Blueprint): Promise<{ bytes: number; isWhole: boolean }> {
    const size = (await this.shelf.size(key)) ?? 0;
    const done = await this.readJson(`${key}.done`);
    return { bytes: Math.min(size, bytes), isWhole: size === bytes && done?.bytes === bytes };
  }

  /** SHA-256 of a whole file, as found on its way in. */
  async hashOf({ key }: Blueprint): Promise<string | null> {
    const sha256 = (await this.readJson(`${key}.done`))?.sha256;
    return typeof sha256 === 'string' ? sha256 : null;
  }

  read(blueprint: Blueprint): Promise<ByteSource> {
    return this.shelf.read(blueprint.key, blueprint.name);
  }

  /** Brings a file in, from where it stopped. @param onBytes told for every piece: bytes that are here now, fetched or found
   *  @throws StudioError('storage') without room, StudioError('model') when what came is not what was announced */
  async receive(
    blueprint: Blueprint,
    stream: Stream,
    onBytes: (held: number, isFetched: boolean) => void,
  ): Promise<void> {
    if ((await this.held(blueprint)).isWhole) return;
    const file = await this.shelf.open(blueprint.key);
    try {
      if (file.size > blueprint.bytes) file.clear();
      const hash = rehash(file, (held) => onBytes(held, false));
      await append(file, hash, stream(file.size), blueprint, onBytes);
      const sha256 = hash.hex();
      if (blueprint.sha256 !== null && sha256 !== blueprint.sha256) {
        file.clear();
        throw new StudioError(
          'model',
          `${blueprint.name}: expected content with the SHA-256 ${blueprint.sha256}, got ${sha256}. It was damaged on its way and is deleted; fetch it again.`,
        );
      }
      await this.writeJson(`${blueprint.key}.done`, { bytes: blueprint.bytes, sha256 });
    } finally {
      file.close();
    }
  }

  /** Written before its files come, so that an unfinished download is seen and can be deleted. */
  async save(record: ModelRecord): Promise<void> {
    await this.writeJson(recordName(record.id), record);
    await this.sweep();
  }

  async find(id: string): Promise<ModelRecord | null> {
    const json = await this.readJson(recordName(id));
    return json && readRecord(json);
  }

  /** Latest first. */
  async list(): Promise<CachedModel[]> {
    const models: CachedModel[] = [];
    for (const { files, id, name, licence, usedAt } of await this.records()) {
      const held = await Promise.all(files.map((file) => this.held(file)));
      models.push({ id, name, licence, usedAt, bytes: sum(files), keptBytes: sum(held) });
    }
    return models.sort((a, b) => b.usedAt.localeCompare(a.usedAt));
  }

  private async records(): Promise<ModelRecord[]> {
    const records: ModelRecord[] = [];
    for (const { name } of await this.shelf.list()) {
      const json = name.endsWith('.model') ? await this.readJson(name) : null;
      const record = json && readRecord(json);
      if (record) records.push(record);
    }
    return records;
  }

  /** The model, and the files no other model is made of. */
  async delete(id: string): Promise<void> {
    await this.shelf.remove(recordName(id));
    await this.sweep();
  }

  /** Removes files that belong to no model. */
  private async sweep(): Promise<void> {
    const needed = new Set((await this.records()).flatMap(({ files }) => files.map(({ key }) => key)));
    for (const { name } of await this.shelf.list()) {
      if (!name.endsWith('.model') && !needed.has(name.replace(/\.done$/, ''))) await this.shelf.remove(name);
    }
  }
}

const sum = (parts: { bytes: number }[]): number => parts.reduce((total, { bytes }) => total + bytes, 0);

/** The hash of what an earlier attempt left. */
function rehash(file: OpenFile, onBytes: (held: number) => void): Sha256 {
  const hash = new Sha256();
  while (hash.length < file.size) {
    hash.update(file.read(hash.length, Math.min(REHASH_BYTES, file.size - hash.length)));
    onBytes(hash.length);
  }
  return hash;
}

async function append(
  file: OpenFile,
  hash: Sha256,
  pieces: AsyncIterable<Uint8Array>,
  { name, bytes }: Blueprint,
  onBytes: (held: number, isFetched: boolean) => void,
): Promise<void> {
  let unflushed = 0;
  try {
    if (file.size < bytes) {
      for await (const piece of pieces) {
        if (file.size + piece.length > bytes) {
          file.clear();
          throw new StudioError(
            'model',
            `${name}: expected ${bytes} bytes as announced, more came. It changed; fetch it again.`,
          );
        }
        file.append(piece);
        hash.update(piece);
        unflushed += piece.length;
        if (unflushed >= FLUSH_BYTES) {
          file.flush();
          unflushed = 0;
        }
        onBytes(file.size, true);
      }
    }
  } finally {
    file.flush(); // also of what came before a connection broke
  }
  if (file.size !== bytes) {
    throw new StudioError(
      'model',
      `${name}: expected ${bytes} bytes, the server ended after ${file.size}. Try again; it goes on from there.`,
    );
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** null: not a record of ours (an older version's, or half written). */
function readRecord(json: Record<string, unknown>): ModelRecord | null {
  const { id, name, licence, usedAt, files } = json;
  const { host, repo, revision, file }: Record<string, unknown> = Object(json.place);
  if (!isText(id) || !isText(name) || !isText(usedAt) || !Array.isArray(files)) return null;
  if (!isText(repo) || !isText(host) || !isText(revision)) return null;
  const blueprints: Blueprint[] = [];
  for (const entry of files) {
    const { name, bytes, key, sha256 } = Object(entry);
    if (!isText(name) || !isText(key) || !Number.isSafeInteger(bytes)) return null;
    blueprints.push({ name, bytes, key, sha256: isText(sha256) ? sha256 : null });
  }
  const place = { host, repo, revision, file: isText(file) ? file : null };
  return { id, name, licence: isText(licence) ? licence : null, usedAt, place, files: blueprints };
}
