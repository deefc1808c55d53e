// Writes GGUF version 3: metadata in the order given, tensors aligned to 32 bytes.
import { BLOCK_TYPES, rowBytes } from '../../lib/blocks/blockTypes';
import { rowsOf } from './storedTensor';
import type { StoredType } from './tensorSource';

/** A value with the type the readers of the format expect for its key. */
export type GgufEntry =
  | { kind: 'text'; value: string }
  | { kind: 'u32' | 'i32' | 'f32'; value: number }
  | { kind: 'bool'; value: boolean }
  | { kind: 'texts'; value: string[] }
  | { kind: 'i32s' | 'f32s'; value: ArrayLike<number> };

export interface GgufTensor {
  /** as GGUF calls it */
  name: string;
  /** row-major, slowest first */
  shape: number[];
  type: StoredType;
  raw: Uint8Array;
}

const ALIGNMENT = 32;
const KINDS = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, list: 9 };
const utf8 = new TextEncoder();

/** Grows as it is written. */
class Bytes {
  private parts: Uint8Array[] = [];
  length = 0;

  add(part: Uint8Array): void {
    this.parts.push(part);
    this.length += part.length;
  }

  number(kind: 'u32' | 'i32' | 'f32', value: number): void {
    const view = new DataView(new ArrayBuffer(4));
    if (kind === 'f32') view.setFloat32(0, value, true);
    else if (kind === 'i32') view.setInt32(0, value, true);
    else view.setUint32(0, value, true);
    this.add(new Uint8Array(view.buffer));
  }

  u64(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), true);
    this.add(new Uint8Array(view.buffer));
  }

  text(value: string): void {
    const bytes = utf8.encode(value);
    this.u64(bytes.length);
    this.add(bytes);
  }

  align(): void {
    this.add(new Uint8Array((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT));
  }

  join(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

function writeEntry(bytes: Bytes, key: string, entry: GgufEntry): void {
  bytes.text(key);
  const list = (kind: number, length: number) => {
    bytes.number('u32', KINDS.list);
    bytes.number('u32', kind);
    bytes.u64(length);
  };
  switch (entry.kind) {
    case 'text':
      bytes.number('u32', KINDS.text);
      bytes.text(entry.value);
      return;
    case 'bool':
      bytes.number('u32', KINDS.bool);
      bytes.add(Uint8Array.of(entry.value ? 1 : 0));
      return;
    case 'texts':
      list(KINDS.text, entry.value.length);
      for (const text of entry.value) bytes.text(text);
      return;
    case 'i32s':
      list(KINDS.i32, entry.value.length);
      bytes.add(new Uint8Array(Int32Array.from(entry.value).buffer));
      return;
    case 'f32s':
      list(KINDS.f32, entry.value.length);
      bytes.add(new Uint8Array(Float32Array.from(entry.value).buffer));
      return;
    default:
      bytes.number('u32', KINDS[entry.kind]);
      bytes.number(entry.kind, entry.value);
  }
}

/** @throws RangeError when a tensor's bytes are not what its type and shape say */
export function writeGguf(metadata: Map<string, GgufEntry>, tensors: GgufTensor[]): Uint8Array<ArrayBuffer> {
  const bytes = new Bytes();
  bytes.add(utf8.encode('GGUF'));
  bytes.number('u32', 3);
  bytes.u64(tensors.length);
  bytes.u64(metadata.size);
  for (const [key, entry] of metadata) writeEntry(bytes, key, entry);
  let offset = 0;
  for (const { name, shape, type, raw } of tensors) {
    const wanted = rowsOf(shape) * rowBytes(type, shape[shape.length - 1]);
    if (raw.length !== wanted) {
      throw new RangeError(
        `GGUF, tensor "${name}": expected ${wanted} bytes for [${shape}] ${type}, got ${raw.length}.`,
      );
    }
    bytes.text(name);
    bytes.number('u32', shape.length);
    for (const size of [...shape].reverse()) bytes.u64(size);
    bytes.number('u32', BLOCK_TYPES[type].id);
    bytes.u64(offset);
    offset += Math.ceil(raw.length / ALIGNMENT) * ALIGNMENT;
  }
  for (const { raw } of tensors) {
    bytes.align();
    bytes.add(raw);
  }
  bytes.align();
  return bytes.join();
}
