// Progress on a terminal: one line that is rewritten, with time left. Silent where output is not a terminal.

const BAR = 24;

export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  return whole >= 3600
    ? `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
    : whole >= 60
      ? `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
      : `${whole} s`;
}

/** Rewrites the progress line. @param share 0…1 */
export function showProgress(share: number, secondsLeft: number, text: string): void {
  if (!process.stderr.isTTY) return;
  const filled = Math.round(BAR * Math.min(1, Math.max(0, share)));
  const bar = `${'█'.repeat(filled)}${'·'.repeat(BAR - filled)}`;
  process.stderr.write(`\r\x1b[K${bar} ${Math.floor(share * 100)} %  ${formatSeconds(secondsLeft)} left  ${text}`);
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
