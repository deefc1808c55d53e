// How far a load of several files has come, told a few times a second: bytes, speed, time left.
import { Speedometer } from './speedometer';

export interface LoadProgress {
  loadedBytes: number;
  totalBytes: number;
  /** `reading`: what an earlier attempt left is checked. */
  phase: 'fetching' | 'reading';
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

const TELL_EVERY_MS = 100;

export class LoadTeller {
  private readonly speedometer: Speedometer;
  /** of files that are through */
  private before = 0;
  private fetched = 0;
  private told = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly total: number,
    private readonly now: () => number,
    private readonly onProgress: (progress: LoadProgress) => void,
  ) {
    this.speedometer = new Speedometer(now);
    this.speedometer.mark(0);
  }

  /** A file that comes from where it stopped. The function hears how much of it is here. */
  nextFile(bytes: number): (held: number, isFetched: boolean) => void {
    const start = this.before;
    this.before += bytes;
    let last = 0;
    return (held, isFetched) => {
      if (isFetched) this.fetched += held - last;
      last = held;
      this.tell(start + held, isFetched);
    };
  }

  /** Bytes of whichever file. */
  add(bytes: number): void {
    this.fetched += bytes;
    this.tell(Math.min(this.fetched, this.total), true);
  }

  private tell(loadedBytes: number, isFetched: boolean): void {
    if (isFetched) this.speedometer.mark(this.fetched);
    const now = this.now();
    if (now - this.told < TELL_EVERY_MS && loadedBytes < this.total) return;
    this.told = now;
    this.onProgress({
      loadedBytes,
      totalBytes: this.total,
      phase: isFetched ? 'fetching' : 'reading',
      bytesPerSecond: isFetched ? this.speedometer.speed : null,
      secondsLeft: isFetched ? this.speedometer.secondsLeft(this.total - loadedBytes) : null,
    });
  }
}
