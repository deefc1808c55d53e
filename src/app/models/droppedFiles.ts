// Files out of a drop, folders walked. The browser's entries must be asked for at once: after the event they are gone.
import type { LocalFile } from '../../protocol/models';

/** More are no model, and walking a whole disk would take long. */
const MOST_FILES = 500;

function readSome(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

async function walk(entry: FileSystemEntry, found: LocalFile[]): Promise<void> {
  if (found.length >= MOST_FILES) return;
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
  } else if (entry instanceof FileSystemDirectoryEntry) {
    const reader = entry.createReader();
    for (let some = await readSome(reader); some.length > 0; some = await readSome(reader)) {
      for (const inner of some) await walk(inner, found);
    }
  }
}

export async function droppedFiles(transfer: DataTransfer): Promise<LocalFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files].map((file) => ({ path: file.name, file }));
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found: LocalFile[] = [];
  for (const entry of entries) if (entry) await walk(entry, found);
  return found;
}
