// A clock that stands still while a run is paused and while the computer sleeps, so that "seconds" means seconds of computing.
// Sleep is seen as a gap between two looks at the time (every half second, and at every reading) that is far longer than any
// before: a lid that was closed, or a tab that the browser froze. Work can be as long, so a second long gap soon after
// the first is work.

const LOOK_EVERY_MS = 500;
/** seconds; shorter gaps are never sleep */
const SHORTEST_SLEEP = 5;
/** times the longest gap of work */
const SLEEP_IS_LONGER = 4;
/** seconds after waking in which another long gap counts as work */
const SOON = 60;

export class RunClock {
  private counted = 0;
  private since: number | null = null;
  private seen = 0;
  private longestWork = 0;
  private woke = Number.NEGATIVE_INFINITY;
  private looking: ReturnType<typeof setInterval> | undefined;

  /** @param onSlept hears seconds that were not counted @param read seconds, monotonic */
  constructor(
    private readonly onSlept: (seconds: number) => void = () => {},
    private readonly read: () => number = () => performance.now() / 1000,
  ) {}

  /** Seconds counted so far. */
  readonly now = (): number => {
    if (this.since === null) return this.counted;
    const time = this.look();
    return this.counted + time - this.since;
  };

  go(): void {
    if (this.since !== null) return;
    this.since = this.seen = this.read();
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  halt(): void {
    this.counted = this.now();
    this.since = null;
    clearInterval(this.looking);
  }

  private look(): number {
    const time = this.read();
    const gap = time - this.seen;
    const isLong = gap > SHORTEST_SLEEP && gap > SLEEP_IS_LONGER * this.longestWork;
    if (isLong && this.since !== null && this.seen - this.woke > SOON) {
      this.since += gap - this.longestWork;
      this.woke = time;
      this.onSlept(gap - this.longestWork);
    } else this.longestWork = Math.max(this.longestWork, gap);
    this.seen = time;
    return time;
  }
}
