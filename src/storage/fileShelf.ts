// Files that are written piece by piece and outlive the page: in a browser the origin-private file system, in tests a map.
import type { ByteSource } from '../lib/byteSource';

/** A file being written; nobody else can write it meanwhile. */
export interface OpenFile {
  /** bytes it has */
  readonly size: number;
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  /** At its end. @throws StudioError('storage') when there is no room */
  append(bytes: Uint8Array): void;
  /** What was appended is on the disk once this returns. */
  flush(): void;
  clear(): void;
  close(): void;
}

export interface FileShelf {
  list(): Promise<{ name: string; bytes: number }[]>;
  /** null: no such file */
  size(name: string): Promise<number | null>;
  /** Made when it is not there. @throws StudioError('storage') while somebody else writes it */
  open(name: string): Promise<OpenFile>;
  /** To be read by ranges, by any number of readers. */
  read(name: string, label: string): Promise<ByteSource>;
  /** Does nothing when it is not there. */
  remove(name: string): Promise<void>;
}
