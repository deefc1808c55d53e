// Many small reads of a far file as few large ones: whole windows are fetched, and the latest few are held. A model has hundreds of
// small tensors, and every request to a host costs its way there and back.
import type { ByteSource } from '../lib/byteSource';

/** @param windowBytes fetched at once @param windows held at most */
export function readAhead(source: ByteSource, windowBytes: number, windows: number): ByteSource {
  const held = new Map<number, Uint8Array>();

  async function windowAt(index: number): Promise<Uint8Array> {
    const start = index * windowBytes;
    const bytes = held.get(index) ?? (await source.read(start, Math.min(windowBytes, source.size - start)));
    // Last in the map = used last.
    held.delete(index);
    held.set(index, bytes);
    if (held.size > windows) held.delete(held.keys().next().value ?? index);
    return bytes;
  }

  return {
    ...source,
    async read(offset, length) {
      // What is out of range is the source's to refuse.
      if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) return source.read(offset, length);
      const out = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const index = Math.floor((offset + done) / windowBytes);
        const from = offset + done - index * windowBytes;
        const part = (await windowAt(index)).subarray(from, from + length - done);
        out.set(part, done);
        done += part.length;
      }
      return out;
    },
  };
}
