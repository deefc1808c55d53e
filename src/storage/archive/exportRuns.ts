// Whole runs as one zip, to be looked at or gone on with on another machine: configuration, metrics and evaluations readable by
// anything, every stored row bit for bit for the import, and what was learned as a PEFT folder where the caller brings it.
import { Zip, ZipPassThrough } from 'fflate';
import { keysOfRun, withDatabase } from '../database';
import { rowsInBatches } from '../storedSeries';
import { listTraces, readTraces } from '../storedTraces';
import { packRow } from './packedRows';
import type { PageNotes } from './pageNotes';
import type { ArchivedStore } from './rowChecks';

export const ARCHIVE_FORMAT = 'second-thought-runs';
export const ARCHIVE_VERSION = 1;
export const MANIFEST = 'second-thought.json';
export const PAGE_FILE = 'page.json';

export interface ArchiveFile {
  name: string;
  store: ArchivedStore;
  rows: number;
  bytes: number;
  sha256: string;
}

export interface ArchiveManifest {
  format: string;
  version: number;
  runs: { id: string; files: ArchiveFile[] }[];
  /** Presets, queue and examples, where all was taken. */
  page?: { bytes: number; sha256: string };
}

export interface ExportJob {
  runIds: readonly string[];
  /** The files of PEFT folders by path (`adapter/…`); null where there is none. */
  adapterOf(runId: string): Promise<Record<string, Uint8Array> | null>;
  /** @param share 0…1 */
  onProgress(share: number): void;
  /** What lies beside runs, to be taken too. */
  page?: PageNotes;
}

/** A file of rows is closed at this size: small enough that hashing one does not hold up the page. */
const FILE_BYTES = 2 * 2 ** 20;

export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Lets the page draw between two pieces. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Finished pieces are handed to the browser in lots of this size: it keeps them where it likes, on disk if need be. */
const LOT_BYTES = 16 * 2 ** 20;

class ZipWriter {
  private readonly lots: Blob[] = [];
  private parts: Uint8Array<ArrayBuffer>[] = [];
  private bytes = 0;
  private fault: Error | null = null;
  private readonly zip = new Zip((error, piece) => {
    if (error) this.fault = error;
    else this.take(new Uint8Array(piece));
  });

  add(name: string, bytes: Uint8Array): void {
    const entry = new ZipPassThrough(name);
    this.zip.add(entry);
    entry.push(bytes, true);
    if (this.fault) throw this.fault;
  }

  private take(piece: Uint8Array<ArrayBuffer>): void {
    this.parts.push(piece);
    this.bytes += piece.length;
    if (this.bytes < LOT_BYTES) return;
    this.lots.push(new Blob(this.parts));
    this.parts = [];
    this.bytes = 0;
  }

  end(): Blob {
    this.zip.end();
    if (this.fault) throw this.fault;
    return new Blob([...this.lots, ...this.parts], { type: 'application/zip' });
  }
}

/** Rows of one store, gathered into files. */
class RowFiles {
  readonly files: ArchiveFile[] = [];
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  private bytes = 0;
  private rows = 0;
  private count = 0;

  constructor(
    private readonly zip: ZipWriter,
    private readonly runId: string,
  ) {}

  async add(store: ArchivedStore, rows: Iterable<unknown>): Promise<void> {
    for (const row of rows) {
      const pieces = packRow(row);
      this.pieces.push(...pieces);
      this.bytes += pieces.reduce((sum, piece) => sum + piece.length, 0);
      this.rows++;
      if (this.bytes >= FILE_BYTES) await this.close(store);
    }
  }

  async close(store: ArchivedStore): Promise<void> {
    if (this.rows === 0) return;
    const bytes = joined(this.pieces);
    const name = `runs/${this.runId}/rows/${store}-${String(++this.count).padStart(5, '0')}.rows`;
    this.files.push({ name, store, rows: this.rows, bytes: bytes.length, sha256: await hashOf(bytes) });
    this.zip.add(name, bytes);
    this.pieces = [];
    this.bytes = this.rows = 0;
    await breathe();
  }
}

const text = (value: string) => new TextEncoder().encode(value);
const lines = (rows: readonly unknown[]) => text(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

async function exportRun(zip: ZipWriter, runId: string, job: ExportJob, from: number, share: number) {
  const { run, label, checkpoints } = await withDatabase(`reading run ${runId}`, async (db) => {
    // One look at all three: the rows that follow are at least as new as the checkpoint.
    const tx = db.transaction(['runs', 'labels', 'checkpoints']);
    const [run, label, checkpoints] = await Promise.all([
      tx.objectStore('runs').get(runId),
      tx.objectStore('labels').get(runId),
      tx.objectStore('checkpoints').getAll(keysOfRun(runId)),
    ]);
    return { run, label, checkpoints };
  });
  if (!run) return null;
  const files = new RowFiles(zip, runId);
  const put = async (store: ArchivedStore, rows: readonly unknown[]) => {
    await files.add(store, rows);
    await files.close(store);
  };
  await put('runs', [run]);
  if (label) await put('labels', [label]);
  await put('checkpoints', checkpoints);
  const readable = { metrics: [] as Uint8Array[], evaluations: [] as Uint8Array[] };
  for await (const rows of rowsInBatches('metrics', runId)) {
    await files.add('metrics', rows);
    readable.metrics.push(lines(rows));
  }
  await files.close('metrics');
  for await (const rows of rowsInBatches('evaluations', runId)) {
    await files.add('evaluations', rows);
    readable.evaluations.push(lines(rows.map(({ evaluation }) => evaluation)));
  }
  await files.close('evaluations');
  const keys = await listTraces(runId);
  for (const [i, { step, kind }] of keys.entries()) {
    const chunk = await readTraces(runId, step, kind);
    if (chunk) await files.add('traces', [{ runId, chunk }]);
    job.onProgress(from + (share * (i + 1)) / keys.length);
  }
  await files.close('traces');
  zip.add(`runs/${runId}/config.json`, text(`${JSON.stringify(run.config, null, 2)}\n`));
  zip.add(`runs/${runId}/metrics.jsonl`, joined(readable.metrics));
  zip.add(`runs/${runId}/evaluations.jsonl`, joined(readable.evaluations));
  const adapter = await job.adapterOf(runId);
  for (const [name, bytes] of Object.entries(adapter ?? {})) zip.add(`runs/${runId}/${name}`, bytes);
  return { id: runId, files: files.files };
}

/** Runs that are gone meanwhile are left out. */
export async function exportRuns(job: ExportJob): Promise<Blob> {
  const zip = new ZipWriter();
  const runs: ArchiveManifest['runs'] = [];
  for (const [i, runId] of job.runIds.entries()) {
    const share = 1 / job.runIds.length;
    const run = await exportRun(zip, runId, job, i * share, share);
    if (run) runs.push(run);
  }
  const manifest: ArchiveManifest = { format: ARCHIVE_FORMAT, version: ARCHIVE_VERSION, runs };
  if (job.page) {
    const bytes = text(`${JSON.stringify(job.page, null, 1)}\n`);
    manifest.page = { bytes: bytes.length, sha256: await hashOf(bytes) };
    zip.add(PAGE_FILE, bytes);
  }
  zip.add(MANIFEST, text(`${JSON.stringify(manifest, null, 1)}\n`));
  job.onProgress(1);
  return zip.end();
}
