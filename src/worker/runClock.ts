// A clock that stands still while a run is paused, so that "seconds" means seconds of computing.

export class RunClock {
  private counted = 0;
  private since: number | null = null;

  /** @param read seconds, monotonic */
  constructor(private readonly read: () => number = () => performance.now() / 1000) {}

  /** Seconds counted so far. */
  readonly now = (): number => this.counted + (this.since === null ? 0 : this.read() - this.since);

  go(): void {
    this.since ??= this.read();
  }

  halt(): void {
    this.counted = this.now();
    this.since = null;
  }
}
