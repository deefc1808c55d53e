// Models as both sides of the wall speak of them: where they come from, what they would need, what is kept of them.

/** A repository of a hub, or one GGUF file of it. */
export interface HubPlace {
  /** e.g. "https://huggingface.co"; no slash at its end */
  host: string;
  /** owner/name */
  repo: string;
  /** branch, tag or commit */
  revision: string;
  /** A GGUF file of the repository; null: its folder of safetensors. */
  file: string | null;
}

/** A chosen or dropped file. It is read by ranges, never whole at once. */
export interface LocalFile {
  /** with its folders, as it was chosen */
  path: string;
  file: Blob;
}

/** An adapter of files that answers beside the loaded model; `id` stands where a run's id may. */
export interface OpenedAdapter {
  id: string;
  name: string;
  /** linear layers it changes */
  modules: number;
  /** the largest of their ranks */
  rank: number;
}

/**
 * Where a model comes from: the page's own, small files read whole, files of this machine (one .gguf, or a folder in Hugging Face
 * layout), a hub, or what an earlier visit kept. `token` goes along with this command only; nothing stores it.
 */
export type ModelSource =
  | { kind: 'bundled' }
  /** the second model that comes with the page, for the task Left */
  | { kind: 'left' }
  | { kind: 'files'; files: { name: string; bytes: ArrayBuffer }[] }
  | { kind: 'local'; files: LocalFile[] }
  | { kind: 'hub'; place: HubPlace; token: string | null }
  | { kind: 'cached'; id: string };

/** How matrices lie in memory: as the file has them, or quantised on the way. Vectors are always in 32 bits. */
export type WeightHolding = 'stored' | 'float32' | 'Q8_0' | 'Q4_0';

/** What a model would need, known from headers and listings alone. Bytes; null = the source does not say. */
export interface ModelEstimate {
  name: string;
  /** `model_type` of its configuration */
  architecture: string | null;
  parameters: number | null;
  /** Still to be fetched; 0 for files of this machine. */
  fetchBytes: number;
  /** Seconds to fetch that much, at the speed seen so far or the browser's own guess; null or left out = unknown. */
  fetchSeconds?: number | null;
  /** In memory once loaded. */
  residentBytes: number | null;
  /** Ways to hold its weights that differ in size, as the file has them first; absent where its files cannot be opened. */
  holdings?: { holding: WeightHolding; bytes: number; fits: boolean }[];
  /** What this tab may hold of it. */
  limitBytes: number | null;
  licence: string | null;
  /** Why it cannot be used here; null = it can. */
  obstacle: ModelObstacle | null;
  /** GGUF files of the same repository, smallest first: others to choose from. */
  choices: { file: string; bytes: number; fits: boolean }[];
}

export interface ModelObstacle {
  kind: 'memory' | 'architecture' | 'format';
  /** where, what was expected, what came, what to do */
  message: string;
}

/** A model that this browser keeps. */
export interface CachedModel {
  id: string;
  name: string;
  bytes: number;
  /** Bytes that are here already; fewer than `bytes` where a download was cut off. */
  keptBytes: number;
  /** ISO 8601 */
  usedAt: string;
  licence: string | null;
}

/** One message of a conversation. */
export interface ChatLine {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A token of an answer as it was written. */
export interface WrittenToken {
  id: number;
  /** as it stands in the vocabulary */
  text: string;
  /** nats, at the temperature it was drawn with; at 1 when greedy */
  logProb: number;
}
