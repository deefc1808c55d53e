// How long conversations are, in few numbers and a histogram.
import type { LengthSummary } from '../protocol/datasets';

const BINS = 24;
/** Widths that read well. */
const WIDTHS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000];

/** @param lengths tokens per conversation, at least one */
export function summarizeLengths(lengths: readonly number[]): LengthSummary {
  const sorted = [...lengths].sort((a, b) => a - b);
  const max = sorted[sorted.length - 1];
  // Nearest rank: a number that occurs.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const binWidth = WIDTHS.find((width) => (max + 1) / width <= BINS) ?? Math.ceil((max + 1) / BINS);
  const bins = new Array<number>(Math.floor(max / binWidth) + 1).fill(0);
  for (const length of sorted) bins[Math.floor(length / binWidth)]++;
  return { measured: sorted.length, min: sorted[0], median: at(0.5), p95: at(0.95), max, bins, binWidth };
}
