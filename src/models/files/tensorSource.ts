// What every weight format ends as: named tensors whose raw bytes are read by rows, so that a model streams in tensor by tensor.

import type { StoredType } from '../../lib/blocks/blockTypes';

export type { StoredType } from '../../lib/blocks/blockTypes';
export type { ByteSource } from '../../lib/byteSource';

export interface StoredTensor {
  name: string;
  shape: number[];
  type: StoredType;
  /** length in the file */
  bytes: number;
  /** Rows [first, first+count) of the matrix seen as [rows, last dimension]: raw bytes as in the file. Read each row once, in
   *  order, in slices for large tensors. A vector is one row. */
  readRows(first: number, count: number): Promise<Uint8Array>;
}

export interface TensorSource {
  /** for messages: "model-00001-of-00002.safetensors" or "x.gguf" */
  label: string;
  tensors: Map<string, StoredTensor>;
  close(): Promise<void>;
}
