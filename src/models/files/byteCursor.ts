// Reads a file from front to back, number by number, through a window: for headers whose length nobody knows beforehand.
import { refuse } from './refuse';
import type { ByteSource } from './tensorSource';

const WINDOW = 1024 * 1024;
const utf8 = new TextDecoder();

export class ByteCursor {
  private window: DataView = new DataView(new ArrayBuffer(0));
  /** of the window's first byte, in the file */
  private start = 0;
  /** of the next byte, in the window */
  private next = 0;

  constructor(private readonly file: ByteSource) {}

  /** Of the next byte, in the file. */
  get position(): number {
    return this.start + this.next;
  }

  get left(): number {
    return this.file.size - this.position;
  }

  /** Are so many bytes at hand? If not, `await need(count)`. Not awaiting what is there is what makes long lists quick. */
  has(count: number): boolean {
    return this.next + count <= this.window.byteLength;
  }

  /** Makes `count` bytes readable by the functions below. @throws StudioError when the file ends before */
  async need(count: number): Promise<void> {
    if (this.has(count)) return;
    if (count > this.left) {
      refuse(this.file.name, `expected ${count} more bytes at ${this.position}, the file ends after ${this.left}.`);
    }
    const bytes = await this.file.read(this.position, Math.min(Math.max(count, WINDOW), this.left));
    this.start = this.position;
    this.next = 0;
    this.window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8 = (): number => this.window.getUint8(this.step(1));
  i8 = (): number => this.window.getInt8(this.step(1));
  u16 = (): number => this.window.getUint16(this.step(2), true);
  i16 = (): number => this.window.getInt16(this.step(2), true);
  u32 = (): number => this.window.getUint32(this.step(4), true);
  i32 = (): number => this.window.getInt32(this.step(4), true);
  f32 = (): number => this.window.getFloat32(this.step(4), true);
  f64 = (): number => this.window.getFloat64(this.step(8), true);
  u64 = (): bigint => this.window.getBigUint64(this.step(8), true);
  i64 = (): bigint => this.window.getBigInt64(this.step(8), true);

  text(bytes: number): string {
    return utf8.decode(new Uint8Array(this.window.buffer, this.window.byteOffset + this.step(bytes), bytes));
  }

  private step(count: number): number {
    const at = this.next;
    this.next += count;
    return at;
  }
}
