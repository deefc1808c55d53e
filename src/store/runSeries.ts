// The metric buffers of one run: columns of doubles that grow by doubling, with a version to compare cheaply.
// Outside React and outside the immutable state on purpose: a long run appends thousands of rows.
import type { MetricRow } from '../protocol/events';

/** One finished step, as it arrives and as it is stored. */
export interface SeriesRow {
  step: number;
  /** Since the start, pauses excluded. */
  seconds: number;
  /** Sampled and trained positions since the start. */
  tokens: number;
  metrics: MetricRow;
}

const FIRST_CAPACITY = 256;

export class RunSeries {
  version = 0;
  length = 0;
  private capacity = FIRST_CAPACITY;
  private readonly columns = new Map<string, Float64Array>();

  append(row: SeriesRow): void {
    // After a resume the same steps come again; the later row replaces the earlier.
    if (this.length > 0 && this.at('step', this.length - 1) >= row.step) this.truncateAfter(row.step - 1);
    if (this.length === this.capacity) this.grow();
    const values: MetricRow = { ...row.metrics, step: row.step, seconds: row.seconds, tokens: row.tokens };
    for (const [name, value] of Object.entries(values)) {
      if (!this.columns.has(name)) this.columns.set(name, new Float64Array(this.capacity).fill(Number.NaN));
      this.columns.get(name)![this.length] = value ?? Number.NaN;
    }
    this.length++;
    this.version++;
  }

  /** Forgets rows of later steps (a resume starts from a checkpoint). */
  truncateAfter(step: number): void {
    const kept = this.indexOf(step) + 1;
    for (const column of this.columns.values()) column.fill(Number.NaN, kept, this.length);
    this.length = kept;
    this.version++;
  }

  names(): string[] {
    return [...this.columns.keys()];
  }

  /** A view of one column, `length` long; NaN = not computed. Empty when nobody wrote that name. */
  column(name: string): Float64Array {
    return this.columns.get(name)?.subarray(0, this.length) ?? new Float64Array(0);
  }

  at(name: string, index: number): number {
    return this.columns.get(name)?.[index] ?? Number.NaN;
  }

  /** Index of the last row whose step is ≤ the given one; −1 when there is none. */
  indexOf(step: number): number {
    const steps = this.columns.get('step');
    if (!steps) return -1;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle] <= step) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Tokens per second over the last `window` seconds of work; NaN before two rows. */
  recentRate(window = 15): number {
    if (this.length < 2) return Number.NaN;
    const seconds = this.columns.get('seconds')!;
    const tokens = this.columns.get('tokens')!;
    const last = this.length - 1;
    let first = last - 1;
    while (first > 0 && seconds[last] - seconds[first] < window) first--;
    const elapsed = seconds[last] - seconds[first];
    return elapsed > 0 ? (tokens[last] - tokens[first]) / elapsed : Number.NaN;
  }

  private grow(): void {
    this.capacity *= 2;
    for (const [name, column] of this.columns) {
      const larger = new Float64Array(this.capacity).fill(Number.NaN);
      larger.set(column);
      this.columns.set(name, larger);
    }
  }
}
