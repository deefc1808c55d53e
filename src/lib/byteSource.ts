// A file as everybody below the wall reads it: by ranges, wherever it lies (memory, a File, OPFS, a Node file, a server).

/** A byte range reader over a File, an OPFS file, a Node file, an http range or memory. */
export interface ByteSource {
  /** for messages */
  name: string;
  /** bytes */
  size: number;
  /** Exactly `length` bytes, or a StudioError; never fewer. The array is the caller's own. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close?(): Promise<void>;
}
