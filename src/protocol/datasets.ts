// Datasets as both sides of the wall speak of them: what a file holds, what its columns mean, and what a model would see of it.

/** Roles of columns per kind of dataset; what must be there to be asked comes first. */
export const DATASET_KINDS = {
  messages: ['messages'],
  problem: ['problem', 'answer'],
  completion: ['prompt', 'completion'],
  preference: ['prompt', 'chosen', 'rejected'],
} as const;

export type DatasetKind = keyof typeof DATASET_KINDS;

export interface ColumnMapping {
  kind: DatasetKind;
  /** role → column of the file */
  columns: Record<string, string>;
}

export type DatasetFormat = 'jsonl' | 'json' | 'csv' | 'parquet' | 'text';

export interface LineProblem {
  /** 1 and up; in Parquet the row */
  line: number;
  message: string;
}

export type Split = 'train' | 'validation' | 'test';

/** Percent of all rows. */
export interface SplitShares {
  validation: number;
  test: number;
}

/** A file as it was read. */
export interface OpenedDataset {
  name: string;
  format: DatasetFormat;
  columns: string[];
  rows: number;
  /** The first rows, as texts in the order of the columns, cut where they are long. */
  sample: { line: number; cells: string[] }[];
  /** null: the names of the columns say nothing */
  guess: ColumnMapping | null;
}

/** A stretch of a conversation as the model reads it. */
export interface TokenPiece {
  text: string;
  /** Tokens it takes; 0: blanks that no token stands for. */
  tokens: number;
  /** Whether the loss has it as a target. */
  trained: boolean;
  /** Written by the template, such as the end of a turn. */
  special: boolean;
  /** The model has no token for it. */
  unknown: boolean;
}

export interface DatasetPreview {
  line: number;
  split: Split;
  messages: { role: string; content: string }[];
  /** null without a model */
  pieces: TokenPiece[] | null;
  tokens: number;
  trained: number;
  /** Only its beginning is shown. */
  isCut: boolean;
}

/** Tokens per conversation. */
export interface LengthSummary {
  /** conversations that were measured */
  measured: number;
  min: number;
  median: number;
  /** 95 % are no longer */
  p95: number;
  max: number;
  /** how many are in each bin, from 0 on */
  bins: number[];
  binWidth: number;
}

export interface DatasetReport {
  /** Rows that can be used. */
  usable: number;
  splits: Record<Split, number>;
  /** The first of them. */
  problems: LineProblem[];
  problemCount: number;
  /** Of the model that is loaded; null without one. */
  model: string | null;
  lengths: LengthSummary | null;
  /** Share of measured tokens that are targets of the loss, and that the model does not know. */
  trainedShare: number;
  unknownShare: number;
  /** Measured conversations that are longer than the model can read. */
  tooLong: number;
  maxPositions: number | null;
  previews: DatasetPreview[];
  /** Where the previews begin among the usable rows. */
  offset: number;
}

/** Kept in the browser; its rows lie beside it. */
export interface DatasetInfo {
  id: string;
  name: string;
  /** ISO 8601 */
  savedAt: string;
  kind: DatasetKind;
  splits: Record<Split, number>;
  /** of its rows as JSONL, characters */
  characters: number;
}
