// Byte ranges of what lies in memory, or of a File or Blob the browser reads from disk when asked.

import { refuse } from './refuse';
import type { ByteSource } from './tensorSource';

/** Refuses a range outside the file before anything is allocated. */
function checkRange(source: { name: string; size: number }, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && Number.isSafeInteger(offset + length) && offset + length <= source.size)) {
    refuse(source.name, `expected bytes within 0…${source.size}, got ${offset}…${offset + length}.`);
  }
}

/** Of bytes in memory; what is read is a copy. */
export function memoryBytes(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    async read(offset, length) {
      checkRange(this, offset, length);
      return bytes.slice(offset, offset + length);
    },
  };
}

/** Of a File or Blob; nothing of it is held. */
export function blobBytes(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    async read(offset, length) {
      checkRange(this, offset, length);
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (error) {
        const came = error instanceof Error ? error.message : String(error);
        return refuse(
          name,
          `expected to read ${length} bytes at ${offset}, got "${came}".`,
          'Was it moved? Choose it again.',
        );
      }
    },
  };
}
