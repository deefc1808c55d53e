// Runs that were started together, e.g. the same configuration with several seeds, as one: mean and interval over their closing tests.
import { type MeanInterval, meanWithInterval } from '../lib/studentT';
import type { EvalSummary } from '../protocol/metrics';
import type { StoredRunSummary } from './library';
import type { QueueItem } from './notes';

export interface GroupMeasures {
  accuracyT1: MeanInterval;
  accuracyT2: MeanInterval;
  delta: MeanInterval;
}

export interface RunGroup {
  name: string;
  /** Newest first. */
  runs: StoredRunSummary[];
  /** Still in the queue. */
  waiting: number;
  /** Runs whose closing test is done. */
  finished: number;
  /** Test problems after practice; null before the first is finished. */
  greedy: GroupMeasures | null;
  sampled: GroupMeasures | null;
}

function measuresOf(summaries: readonly EvalSummary[]): GroupMeasures | null {
  if (summaries.length === 0) return null;
  const over = (pick: (summary: EvalSummary) => number) => meanWithInterval(summaries.map(pick));
  return {
    accuracyT1: over((summary) => summary.accuracyT1),
    accuracyT2: over((summary) => summary.accuracyT2),
    delta: over((summary) => summary.delta),
  };
}

/** Groups in the place of their newest run; a run without a group stands alone. */
export function groupRuns(
  runs: readonly StoredRunSummary[],
  queue: readonly QueueItem[],
): (StoredRunSummary | RunGroup)[] {
  const groups = new Map<string, StoredRunSummary[]>();
  const rows: (StoredRunSummary | string)[] = [];
  for (const run of runs) {
    const name = run.label?.group;
    if (!name) rows.push(run);
    else if (groups.has(name)) groups.get(name)?.push(run);
    else {
      groups.set(name, [run]);
      rows.push(name);
    }
  }
  return rows.map((row) => (typeof row === 'string' ? groupOf(row, groups.get(row) ?? [], queue) : row));
}

function groupOf(name: string, runs: StoredRunSummary[], queue: readonly QueueItem[]): RunGroup {
  const results = runs.flatMap(({ result }) => (result ? [result.after] : []));
  return {
    name,
    runs,
    waiting: queue.filter((item) => item.group === name && item.status === 'waiting').length,
    finished: results.length,
    greedy: measuresOf(results.map(({ greedy }) => greedy)),
    sampled: measuresOf(results.map(({ sampled }) => sampled)),
  };
}
