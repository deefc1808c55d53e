// A shelf in memory, with a disk that can be full and a page that can die at any byte.
import { StudioError } from '../../protocol/errors';
import type { FileShelf } from '../fileShelf';

export interface MemoryShelf extends FileShelf {
  files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Bytes that may still be written; null = no end. Beyond it `append` refuses as a full disk does. */
  room: number | null;
  /** Files that are open for writing. */
  busy: Set<string>;
}

export function createMemoryShelf(): MemoryShelf {
  const shelf: MemoryShelf = {
    files: new Map(),
    room: null,
    busy: new Set(),
    list: async () => [...shelf.files].map(([name, bytes]) => ({ name, bytes: bytes.length })),
    size: async (name) => shelf.files.get(name)?.length ?? null,
    async open(name) {
      if (shelf.busy.has(name)) throw new StudioError('storage', `writing ${name}: another tab writes it.`);
      shelf.busy.add(name);
      let bytes = shelf.files.get(name) ?? new Uint8Array(0);
      shelf.files.set(name, bytes);
      const keep = (next: Uint8Array<ArrayBuffer>) => {
        bytes = next;
        shelf.files.set(name, next);
      };
      return {
        get size() {
          return bytes.length;
        },
        read: (offset, length) => bytes.slice(offset, offset + length),
        append(part) {
          if (shelf.room !== null && (shelf.room -= part.length) < 0) {
            throw new StudioError('storage', `writing ${name}: expected room on the disk, the browser gave none.`);
          }
          const next = new Uint8Array(bytes.length + part.length);
          next.set(bytes);
          next.set(part, bytes.length);
          keep(next);
        },
        flush() {},
        clear: () => keep(new Uint8Array(0)),
        close: () => void shelf.busy.delete(name),
      };
    },
    async read(name, label) {
      const bytes = shelf.files.get(name) ?? new Uint8Array(0);
      return { name: label, size: bytes.length, read: async (offset, length) => bytes.slice(offset, offset + length) };
    },
    async remove(name) {
      shelf.files.delete(name);
    },
  };
  return shelf;
}
