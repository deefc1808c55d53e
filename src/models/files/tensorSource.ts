// What every weight format ends as: named tensors whose raw bytes are read by rows, so that a model streams in tensor by tensor.

export type { ByteSource } from '../../lib/byteSource';

/** How a tensor lies in its file. Shapes are row-major, slowest first ([out, in] for a linear layer), also for GGUF. */
export type StoredType =
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'IQ4_NL'
  | 'IQ4_XS';

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
