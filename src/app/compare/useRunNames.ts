// Chosen runs by their letter, A to H in the order they were chosen, and by their name.
import type { StoredRunSummary } from '../../store/library';
import { useStudioWords } from '../studio/useStudioWords';

export function letterOf(place: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + place);
}

/** A run's own name, or when it was started. */
export function useRunName(): (run: StoredRunSummary) => string {
  const { s, format } = useStudioWords();
  return ({ config, label }) => label?.name || s('runs.unnamed', { date: format.date(config.createdAt) });
}

/** The same for where a run stands without its facts: several may have been started in one minute. */
export function useFullName(): (run: StoredRunSummary) => string {
  const { s } = useStudioWords();
  const nameOf = useRunName();
  return (run) => (run.label?.name ? run.label.name : `${nameOf(run)}, ${s('runs.seed', { seed: run.config.seed })}`);
}

/** Each line of its own: colour, and dashes in px. */
const dashes = ['', '7 4', '2 3', '10 3 2 3', '14 5', '5 2 1 2 1 2', '1 4', '14 3 3 3 3 3'] as const;

export function lookOf(place: number): { stroke: string; strokeDasharray: string | undefined } {
  return { stroke: `var(--run-${place + 1})`, strokeDasharray: dashes[place] || undefined };
}
