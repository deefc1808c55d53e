// The model answers in a blink; a person cannot follow that. This lets the words that arrived come out at reading pace.
// Nothing is invented: it only holds back. With reduced motion everything shows at once.
import { useEffect, useState } from 'react';
import type { AttemptView } from '../../protocol/events';

const HOP_MS = 260;
/** Time to read the sentence between the attempts. */
const BETWEEN_HOPS = 3;

/** Beats of one attempt: its start, each hop, its verdict. */
function beatsOf(attempt: AttemptView): number {
  return attempt.hops.length + 2;
}

/** What is visible after `beats`. Pure, so that it can be tested without a clock. */
export function revealAttempts(attempts: readonly AttemptView[], beats: number): AttemptView[] {
  const shown: AttemptView[] = [];
  let left = beats;
  for (const [i, attempt] of attempts.entries()) {
    if (i > 0) left -= BETWEEN_HOPS;
    if (left <= 0) break;
    const isWhole = attempt.finished && left >= beatsOf(attempt);
    shown.push(
      isWhole
        ? attempt
        : { ...attempt, hops: attempt.hops.slice(0, Math.max(0, left - 1)), finished: false, verdict: null },
    );
    if (!isWhole) break;
    left -= beatsOf(attempt);
  }
  return shown;
}

function totalBeats(attempts: readonly AttemptView[]): number {
  return attempts.reduce((sum, attempt, i) => sum + beatsOf(attempt) + (i > 0 ? BETWEEN_HOPS : 0), 0);
}

function prefersStillness(): boolean {
  return typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** @param id changes with each question. @param atOnce shows everything (one of several questions in a row). */
export function usePacedAttempts(id: number | null, attempts: readonly AttemptView[], atOnce: boolean) {
  const [progress, setProgress] = useState({ id, beats: 1, since: 0 });
  const total = totalBeats(attempts);
  const still = atOnce || prefersStillness();
  const beats = still ? total : progress.id === id ? progress.beats : 1;
  const since = progress.id === id ? progress.since : 0;

  useEffect(() => {
    if (still || beats >= total) return;
    const timer = setTimeout(() => {
      // Counted by the clock, not by ticks: a busy machine skips beats instead of falling behind.
      const now = performance.now();
      const start = since || now - HOP_MS;
      setProgress({ id, since: start, beats: Math.max(beats + 1, 1 + Math.floor((now - start) / HOP_MS)) });
    }, HOP_MS);
    return () => clearTimeout(timer);
  }, [id, beats, total, still, since]);

  const done = attempts.length > 1 && attempts.every((attempt) => attempt.finished) && beats >= total;
  return { shown: revealAttempts(attempts, beats), done };
}
