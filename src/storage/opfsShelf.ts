// The origin-private file system as a shelf: written through sync access handles (only workers have them), read as Files, so that
// several tabs can read one model. Law of the room: every refusal is a StudioError('storage').
import type { ByteSource } from '../lib/byteSource';
import { StudioError } from '../protocol/errors';
import type { FileShelf, OpenFile } from './fileShelf';

const LOCK_ATTEMPTS = 5;
const LOCK_WAIT_MS = 200;

function refusal(doing: string, error: unknown): StudioError {
  const name = error instanceof Error ? error.name : '';
  const came = error instanceof Error ? error.message : String(error);
  if (name === 'QuotaExceededError') {
    return new StudioError(
      'storage',
      `${doing}: expected room on the disk, the browser gave none. Delete models or runs.`,
    );
  }
  if (name === 'NoModificationAllowedError') {
    return new StudioError(
      'storage',
      `${doing}: expected the file to be free, another tab writes it. Let that tab finish first.`,
    );
  }
  return new StudioError('storage', `${doing}: expected the browser's file system, got "${came}". Nothing is kept.`);
}

/** Runs a step; what it throws becomes a StudioError. */
async function told<T>(doing: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof StudioError ? error : refusal(doing, error);
  }
}

function openFile(name: string, handle: FileSystemSyncAccessHandle): OpenFile {
  let end = handle.getSize();
  return {
    get size() {
      return end;
    },
    read(offset, length) {
      const bytes = new Uint8Array(length);
      const got = handle.read(bytes, { at: offset });
      return bytes.subarray(0, got);
    },
    append(bytes) {
      let written = 0;
      try {
        while (written < bytes.length) {
          // The types ask for memory that is not shared; ours never is here.
          const part = new Uint8Array(bytes.subarray(written));
          const some = handle.write(part, { at: end });
          // Chromium 156 says a full disk by a count of 4294967288, −8 read without its sign, and may have written a part.
          if (some <= 0 || some > part.length) throw new DOMException('no room', 'QuotaExceededError');
          written += some;
          end += some;
        }
      } catch (error) {
        end = handle.getSize();
        throw refusal(`writing ${name}`, error);
      }
    },
    flush() {
      try {
        handle.flush();
      } catch (error) {
        throw refusal(`writing ${name}`, error);
      }
    },
    clear() {
      handle.truncate(0);
      end = 0;
    },
    close: () => handle.close(),
  };
}

/** A worker that was just ended holds its files for a moment longer. */
async function lock(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      const isBusy = error instanceof Error && error.name === 'NoModificationAllowedError';
      if (!isBusy || attempt === LOCK_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && error.name === 'NotFoundError';

/** null where the browser has no such file system (or forbids it, as in a private window). */
export async function openOpfsShelf(folder: string): Promise<FileShelf | null> {
  let directory: FileSystemDirectoryHandle;
  try {
    const root = await navigator.storage.getDirectory();
    directory = await root.getDirectoryHandle(folder, { create: true });
    if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return null;
  } catch {
    return null;
  }
  const fileOf = async (name: string) => (await directory.getFileHandle(name)).getFile();
  return {
    list: () =>
      told('listing the models', async () => {
        const files: { name: string; bytes: number }[] = [];
        for await (const name of directory.keys()) files.push({ name, bytes: (await fileOf(name)).size });
        return files;
      }),
    size: (name) =>
      told(`measuring ${name}`, async () => {
        try {
          return (await fileOf(name)).size;
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      }),
    open: (name) =>
      told(`writing ${name}`, async () => {
        const handle = await directory.getFileHandle(name, { create: true });
        return openFile(name, await lock(handle));
      }),
    read: (name, label) => told(`reading ${label}`, async () => fileSource(label, await fileOf(name))),
    remove: (name) =>
      told(`deleting ${name}`, async () => {
        try {
          await directory.removeEntry(name);
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }),
  };
}

function fileSource(label: string, file: File): ByteSource {
  return {
    name: label,
    size: file.size,
    async read(offset, length) {
      const bytes = await told(`reading ${label}`, () => file.slice(offset, offset + length).arrayBuffer());
      if (bytes.byteLength === length) return new Uint8Array(bytes);
      throw new StudioError(
        'storage',
        `${label}: expected ${length} bytes at ${offset}, the stored file gave ${bytes.byteLength}. Delete the model and fetch it again.`,
      );
    },
  };
}
