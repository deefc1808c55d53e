// Which samples are given up when those of a run take more room than they may. Metrics and evaluations are never given up,
// so every figure and every curve stays as it was measured.
import type { TraceChunk } from './trace';

/** What a run's samples may take and take, as stored with the run. */
export interface TraceRecord {
  budgetBytes: number;
  usedBytes: number;
  /** Steps that lost samples, in ascending order. */
  thinnedSteps: number[];
}

export interface ChunkSize {
  step: number;
  kind: TraceChunk['kind'];
  bytes: number;
}

/** Of practice samples, those of the newest steps stay longest. */
const RECENT_STEPS = 20;
/** Thinning goes down to this share, so that it is not done at every step. */
const THINNED_TO = 0.9;

/** How often a step can be halved: 0 for odd ones. A step that survives longer is a multiple of a higher power of two. */
function halvings(step: number): number {
  let count = 0;
  for (let rest = step; rest > 0 && rest % 2 === 0; rest /= 2) count++;
  return count;
}

/**
 * The order in which chunks are given up: practice samples older than the newest 20 steps (every second step's, then every
 * second of what is left, …), then those of the newest steps, then evaluations (sampled before greedy), and last of all the
 * base's and the newest evaluation. Within a class older ones go first.
 */
function rank({ step, kind }: ChunkSize, newestStep: number, newestEvaluation: number): [number, number, number] {
  if (kind === 'train') return step <= newestStep - RECENT_STEPS ? [0, halvings(step), step] : [1, 0, step];
  if (step === 0 || step === newestEvaluation) return [4, 0, step];
  return [kind === 'eval_sampled' ? 2 : 3, halvings(step), step];
}

/** The chunks to be given up so that the rest fits; none while everything fits. */
export function chunksToThin(chunks: readonly ChunkSize[], budgetBytes: number): ChunkSize[] {
  let used = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  if (used <= budgetBytes) return [];
  const newestStep = chunks.reduce((newest, { step }) => Math.max(newest, step), 0);
  const evaluated = chunks.filter(({ kind }) => kind !== 'train').map(({ step }) => step);
  const newestEvaluation = evaluated.reduce((newest, step) => Math.max(newest, step), 0);
  const ranked = chunks.map((chunk) => ({ chunk, rank: rank(chunk, newestStep, newestEvaluation) }));
  ranked.sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2]);
  const thinned: ChunkSize[] = [];
  for (const { chunk } of ranked) {
    if (used <= budgetBytes * THINNED_TO) break;
    used -= chunk.bytes;
    thinned.push(chunk);
  }
  return thinned;
}

const MOST = 512e6;
const LEAST = 16e6;
/** Of what the browser grants this page; several runs must find room. */
const SHARE_OF_QUOTA = 0.1;

/** What a run's samples may take when nobody chose: a tenth of the granted room, from 16 to 512 MB. @param quota bytes; null = unknown */
export function defaultTraceBudget(quota: number | null): number {
  if (quota === null) return MOST;
  return Math.round(Math.min(MOST, Math.max(LEAST, quota * SHARE_OF_QUOTA)));
}
