// Bytes into GPU buffers in slices that may end within a word, though a GPU is written word by word: the last bytes are kept and written
// again with the next slice, which must follow.
interface LastWord {
  /** where the last slice ended */
  end: number;
  /** its bytes in the word that it began */
  bytes: Uint8Array;
}

export class ByteWriter {
  private readonly lastWords = new WeakMap<GPUBuffer, LastWord>();

  constructor(private readonly queue: GPUQueue) {}

  /** @param start of the tensor in its buffer, a multiple of 4 @param offset of the slice in the tensor */
  write(buffer: GPUBuffer, start: number, offset: number, bytes: Uint8Array): void {
    const odd = offset % 4;
    const before = odd > 0 ? this.lastWords.get(buffer) : null;
    if (odd > 0 && before?.end !== start + offset) {
      throw new RangeError(`webgpu: expected bytes to follow those written last, got offset ${offset}.`);
    }
    const words = new Uint8Array(Math.ceil((odd + bytes.byteLength) / 4) * 4);
    words.set(before?.bytes ?? [], 0);
    words.set(bytes, odd);
    this.queue.writeBuffer(buffer, start + offset - odd, words);
    const filled = odd + bytes.byteLength;
    this.lastWords.set(buffer, {
      end: start + offset + bytes.byteLength,
      bytes: words.slice(filled - (filled % 4), filled),
    });
  }
}
