// How the types of GGUF lie in memory: numbers come in blocks along a row, each with its own scales. Ids are those of ggml.h.

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

export interface BlockType {
  /** in the GGUF */
  id: number;
  /** numbers per block */
  elements: number;
  /** per block */
  bytes: number;
}

export const BLOCK_TYPES: Record<StoredType, BlockType> = {
  F32: { id: 0, elements: 1, bytes: 4 },
  F16: { id: 1, elements: 1, bytes: 2 },
  BF16: { id: 30, elements: 1, bytes: 2 },
  Q4_0: { id: 2, elements: 32, bytes: 18 },
  Q4_1: { id: 3, elements: 32, bytes: 20 },
  Q5_0: { id: 6, elements: 32, bytes: 22 },
  Q5_1: { id: 7, elements: 32, bytes: 24 },
  Q8_0: { id: 8, elements: 32, bytes: 34 },
  Q2_K: { id: 10, elements: 256, bytes: 84 },
  Q3_K: { id: 11, elements: 256, bytes: 110 },
  Q4_K: { id: 12, elements: 256, bytes: 144 },
  Q5_K: { id: 13, elements: 256, bytes: 176 },
  Q6_K: { id: 14, elements: 256, bytes: 210 },
  IQ4_NL: { id: 20, elements: 32, bytes: 18 },
  IQ4_XS: { id: 23, elements: 256, bytes: 136 },
};

const KNOWN = new Map<number, StoredType>();
for (const [name, { id }] of Object.entries(BLOCK_TYPES)) KNOWN.set(id, name as StoredType);

/** Types that exist and are not read here, to refuse them by name. */
const OTHERS: Record<number, string> = {
  9: 'Q8_1',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  21: 'IQ3_S',
  22: 'IQ2_S',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
  40: 'NVFP4',
};

/** null: not read here; `typeName` says what it is called. */
export const typeOfId = (id: number): StoredType | null => KNOWN.get(id) ?? null;

export const typeName = (id: number): string => KNOWN.get(id) ?? OTHERS[id] ?? `number ${id}`;

/** Bytes of one row of so many numbers. */
export const rowBytes = (type: StoredType, columns: number): number =>
  (columns / BLOCK_TYPES[type].elements) * BLOCK_TYPES[type].bytes;
