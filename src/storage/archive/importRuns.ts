// Takes runs out of a zip that `exportRuns` wrote. First everything is read and checked, then it is written: a file that is damaged,
// made by another version or meant to harm changes nothing. A run that is here already is left as it is.
import { StudioError } from '../../protocol/errors';
import { importLock } from '../../protocol/tabs';
import type { TraceChunk } from '../../protocol/trace';
import { type StoredRun, type StudioDatabase, withDatabase } from '../database';
import { deleteRun, readRun } from '../storedRuns';
import { putTraces } from '../storedTraces';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  type ArchiveFile,
  type ArchiveManifest,
  hashOf,
  MANIFEST,
  PAGE_FILE,
} from './exportRuns';
import { unpackRows } from './packedRows';
import { checkedPageNotes, type PageNotes } from './pageNotes';
import { archivedStores, rowChecks } from './rowChecks';
import { readZipEntries, type ZipEntry } from './zipEntries';

export interface Imported {
  /** ids of the runs that came in */
  imported: string[];
  /** ids of those that were here already */
  known: string[];
  /** Presets, queue and examples that came along, checked; whoever asked puts them in their places. */
  page: PageNotes | null;
}

function refuse(what: string): StudioError {
  return new StudioError(
    'input',
    `import: expected runs that this page exported, ${what}. Choose another file; nothing was changed.`,
  );
}

const LARGEST_MANIFEST = 64 * 2 ** 20;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readFileEntry(value: unknown, runId: string): ArchiveFile {
  if (!isRecord(value)) throw refuse('its list of contents is damaged');
  const { name, store, rows, bytes, sha256 } = value;
  const known = archivedStores.find((candidate) => candidate === store);
  if (!known) throw refuse(`it holds rows of an unknown kind (${JSON.stringify(store)})`);
  if (typeof name !== 'string' || !name.startsWith(`runs/${runId}/rows/`) || typeof sha256 !== 'string') {
    throw refuse('its list of contents is damaged');
  }
  if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(bytes)) throw refuse('its list of contents is damaged');
  return { name, store: known, rows: Number(rows), bytes: Number(bytes), sha256 };
}

function readPageEntry(value: unknown): { bytes: number; sha256: string } {
  if (!isRecord(value) || typeof value.sha256 !== 'string' || !Number.isSafeInteger(value.bytes)) {
    throw refuse('its list of contents is damaged');
  }
  return { bytes: Number(value.bytes), sha256: value.sha256 };
}

async function readPage(
  entries: ReadonlyMap<string, ZipEntry>,
  { bytes: size, sha256 }: { bytes: number; sha256: string },
): Promise<PageNotes> {
  const entry = entries.get(PAGE_FILE);
  if (!entry || entry.size !== size || size > LARGEST_MANIFEST)
    throw refuse(`"${PAGE_FILE}" is missing or has another size`);
  const bytes = await entry.read();
  if ((await hashOf(bytes)) !== sha256) throw refuse(`"${PAGE_FILE}" was changed after it was exported`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refuse(`"${PAGE_FILE}" is not JSON`);
  }
  return checkedPageNotes(value);
}

async function readManifest(entries: ReadonlyMap<string, ZipEntry>): Promise<ArchiveManifest> {
  const entry = entries.get(MANIFEST);
  if (!entry || entry.size > LARGEST_MANIFEST) throw refuse(`there is no ${MANIFEST} in it`);
  let manifest: unknown;
  try {
    manifest = JSON.parse(new TextDecoder().decode(await entry.read()));
  } catch (error) {
    throw error instanceof StudioError ? error : refuse(`${MANIFEST} is not JSON`);
  }
  if (!isRecord(manifest) || manifest.format !== ARCHIVE_FORMAT) throw refuse(`${MANIFEST} describes something else`);
  const { version, runs, page } = manifest;
  if (version !== ARCHIVE_VERSION) {
    throw refuse(`it has version ${JSON.stringify(version)} and this page reads version ${ARCHIVE_VERSION}`);
  }
  if (!Array.isArray(runs)) throw refuse('its list of contents is damaged');
  return {
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    ...(page === undefined ? {} : { page: readPageEntry(page) }),
    runs: runs.map((run: unknown) => {
      if (!isRecord(run) || typeof run.id !== 'string' || !/^[\w-]{1,100}$/.test(run.id) || !Array.isArray(run.files)) {
        throw refuse('its list of contents is damaged');
      }
      const { id } = run;
      return { id, files: run.files.map((file: unknown) => readFileEntry(file, id)) };
    }),
  };
}

/** The rows of one file, checked. */
async function readRows(entries: ReadonlyMap<string, ZipEntry>, file: ArchiveFile, runId: string): Promise<unknown[]> {
  const entry = entries.get(file.name);
  if (!entry || entry.size !== file.bytes) throw refuse(`"${file.name}" is missing or has another size`);
  const bytes = await entry.read();
  if ((await hashOf(bytes)) !== file.sha256) throw refuse(`"${file.name}" was changed after it was exported`);
  const rows = [...unpackRows(bytes, file.name)];
  if (rows.length !== file.rows) throw refuse(`"${file.name}" has ${rows.length} rows instead of ${file.rows}`);
  for (const row of rows) {
    rowChecks[file.store](row, file.store);
    const config = isRecord(row) && isRecord(row.config) ? row.config : {};
    const owner = file.store === 'runs' ? config.id : isRecord(row) && row.runId;
    if (owner !== runId) throw refuse(`"${file.name}" holds a row of another run`);
  }
  return rows;
}

type Value<S extends keyof StudioDatabase> = StudioDatabase[S] extends { value: infer V } ? V : never;

/** Writes checked rows. The casts say what `rowChecks` has just made sure of. */
async function writeRows(store: ArchiveFile['store'], runId: string, rows: readonly unknown[]): Promise<void> {
  if (store === 'traces') {
    for (const { chunk } of rows as { chunk: TraceChunk }[]) await putTraces(runId, chunk);
    return;
  }
  await withDatabase(`importing run ${runId}`, async (db) => {
    const tx = db.transaction(store, 'readwrite');
    for (const row of rows) {
      if (store === 'metrics') await putOne(row as Value<'metrics'>, ({ step }) => [runId, step]);
      if (store === 'evaluations') {
        await putOne(row as Value<'evaluations'>, ({ evaluation: { step, slice } }) => [runId, step, slice]);
      }
      if (store === 'checkpoints') await putOne(row as Value<'checkpoints'>, ({ slot }) => [runId, slot]);
      if (store === 'labels') await putOne(row as Value<'labels'>, () => runId);
      if (store === 'runs') await putOne(asleep(row as StoredRun), () => runId);
    }
    await tx.done;

    function putOne<V>(value: V, keyOf: (value: V) => IDBValidKey): Promise<unknown> {
      // One of the five pairs of value and key above; the typed interface cannot be told so.
      return tx.store.put(value as never, keyOf(value) as never);
    }
  });
}

/** Nobody is at work on an imported run. */
function asleep(run: StoredRun): StoredRun {
  return run.status === 'running' ? { ...run, status: 'paused' } : run;
}

/** @param onProgress 0…1 @throws StudioError with one sentence; nothing is changed then */
export async function importRuns(file: Blob, onProgress: (share: number) => void): Promise<Imported> {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(importLock, () => importAlone(file, onProgress)) : importAlone(file, onProgress);
}

async function importAlone(file: Blob, onProgress: (share: number) => void): Promise<Imported> {
  const entries = new Map((await readZipEntries(file)).map((entry) => [entry.name, entry]));
  const manifest = await readManifest(entries);
  const total = 2 * manifest.runs.reduce((sum, { files }) => sum + files.length, 0);
  let done = 0;
  const known: string[] = [];
  const fresh: ArchiveManifest['runs'] = [];
  for (const run of manifest.runs) {
    if (await readRun(run.id)) known.push(run.id);
    else fresh.push(run);
    if (run.files.filter(({ store }) => store === 'runs').length !== 1) throw refuse(`run ${run.id} is not whole`);
    for (const entry of run.files) {
      await readRows(entries, entry, run.id);
      onProgress(++done / total);
    }
  }
  const page = manifest.page ? await readPage(entries, manifest.page) : null;
  const begun: string[] = [];
  try {
    for (const { id, files } of fresh) {
      // What an import that was cut off may have left.
      await deleteRun(id);
      begun.push(id);
      for (const store of archivedStores) {
        for (const entry of files.filter((candidate) => candidate.store === store)) {
          await writeRows(store, id, await readRows(entries, entry, id));
          onProgress(++done / total);
        }
      }
    }
  } catch (error) {
    for (const id of begun) await deleteRun(id).catch(() => undefined);
    throw error;
  }
  onProgress(1);
  return { imported: begun, known, page };
}
