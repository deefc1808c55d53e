// How fast this machine is at a run: medians of the latest steps and of the latest evaluations, pauses excluded.
import type { RunRate } from '../protocol/events';

/** Durations remembered: enough to ride out a busy minute. */
const REMEMBERED = 50;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export class RateMeter {
  private mark: number;
  private steps: number[] = [];
  private perProblem: number[] = [];
  private tokens: number[] = [];

  /** @param now seconds, monotonic, standing still in a pause */
  constructor(private readonly now: () => number) {
    this.mark = now();
  }

  /** What is measured next begins here. */
  go(): void {
    this.mark = this.now();
  }

  step(tokens: number): void {
    this.steps = [...this.steps, this.now() - this.mark].slice(-REMEMBERED);
    this.tokens = [...this.tokens, tokens].slice(-REMEMBERED);
    this.go();
  }

  evaluation(problems: number): void {
    this.perProblem = [...this.perProblem, (this.now() - this.mark) / problems].slice(-REMEMBERED);
    this.go();
  }

  /** null before the first step */
  get rate(): Omit<RunRate, 'backend' | 'memoryBytes'> | null {
    if (this.steps.length === 0) return null;
    return {
      secondsPerStep: median(this.steps),
      secondsPerProblem: this.perProblem.length > 0 ? median(this.perProblem) : null,
      tokensPerStep: median(this.tokens),
    };
  }
}
