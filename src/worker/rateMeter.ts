// How fast this machine is at a run: medians of the latest steps and of the latest evaluations, with what is done about each
// (storing, letting the page draw), pauses excluded.
import type { RunRate } from '../protocol/events';

/** Durations remembered: enough to ride out a busy minute. */
const REMEMBERED = 50;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

interface Lap {
  /** Problems of an evaluation; null = a step. */
  problems: number | null;
  since: number;
}

export class RateMeter {
  private lap: Lap | null = null;
  private steps: number[] = [];
  private perProblem: number[] = [];
  private tokens: number[] = [];

  /** @param now seconds, monotonic, standing still in a pause */
  constructor(private readonly now: () => number) {}

  /** What was under way ends here, with all that was done about it (storing, drawing); a step begins. */
  beginStep(): void {
    this.begin(null);
  }

  beginEvaluation(problems: number): void {
    this.begin(problems);
  }

  /** Positions of the step under way. */
  count(tokens: number): void {
    this.tokens = [...this.tokens, tokens].slice(-REMEMBERED);
  }

  private begin(problems: number | null): void {
    const now = this.now();
    if (this.lap) {
      const spent = now - this.lap.since;
      if (this.lap.problems === null) this.steps = [...this.steps, spent].slice(-REMEMBERED);
      else this.perProblem = [...this.perProblem, spent / this.lap.problems].slice(-REMEMBERED);
    }
    this.lap = { problems, since: now };
  }

  /** null before the first step is over */
  get rate(): Omit<RunRate, 'backend' | 'memoryBytes' | 'plannedPositions'> | null {
    if (this.steps.length === 0) return null;
    return {
      secondsPerStep: median(this.steps),
      secondsPerProblem: this.perProblem.length > 0 ? median(this.perProblem) : null,
      tokensPerStep: median(this.tokens),
    };
  }
}
