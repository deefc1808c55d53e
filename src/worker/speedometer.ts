// How fast bytes come, over the latest seconds, and how long the rest will take.

const WINDOW_MS = 5_000;
/** Before this nothing is said: the first pieces say little. */
const LEAST_MS = 500;

export class Speedometer {
  private marks: { at: number; bytes: number }[] = [];

  /** @param now milliseconds, monotonic */
  constructor(private readonly now: () => number) {}

  /** @param bytes fetched so far, growing */
  mark(bytes: number): void {
    const at = this.now();
    this.marks.push({ at, bytes });
    // The mark before the window stays: a stall makes the speed fall, not vanish.
    while (this.marks.length > 2 && this.marks[1].at < at - WINDOW_MS) this.marks.shift();
  }

  /** bytes per second; null: too early to say */
  get speed(): number | null {
    const first = this.marks[0];
    const last = this.marks.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  secondsLeft(bytes: number): number | null {
    const { speed } = this;
    return speed ? bytes / speed : null;
  }
}
