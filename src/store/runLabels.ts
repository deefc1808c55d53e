// Names, tags and groups of runs; and deleting a run with ten seconds to think better of it: until then it is only put away.
import type { StudioCore } from './connection';
import type { RunLabel } from './notes';
import type { RunControl } from './runControl';
import { runAtStart } from './runSlice';

export interface RemovedRun {
  runId: string;
  /** What the person called it, or ''. */
  name: string;
  createdAt: string;
}

export interface RunLabels {
  open(): Promise<void>;
  /** Changes a part; a run without a label gets one. */
  change(runId: string, part: Partial<Omit<RunLabel, 'runId' | 'deletedAt'>>): Promise<void>;
  /** Puts a run away; it is gone for good when the time to undo is over. */
  remove(runId: string): Promise<void>;
  undo(runId: string): Promise<void>;
}

/** Time to undo a deletion. */
export const UNDO_MS = 10_000;
const MOST_TAGS = 20;
const MOST_LETTERS = 120;

/** Trimmed, without empty and double ones. */
export function tagsOf(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().slice(0, MOST_LETTERS));
  return [...new Set(tags.filter((tag) => tag !== ''))].slice(0, MOST_TAGS);
}

export function createRunLabels(core: StudioCore, runs: RunControl): RunLabels {
  const { store, notes } = core;
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  async function labelOf(runId: string): Promise<RunLabel> {
    const known = (await notes.listLabels()).find((label) => label.runId === runId);
    return known ?? { runId, name: '', tags: [], group: null, deletedAt: null };
  }

  async function put(label: RunLabel): Promise<void> {
    await notes.putLabel(label);
    await runs.refresh();
  }

  const forget = (runId: string) =>
    store.setState({ removed: store.getState().removed.filter((removed) => removed.runId !== runId) });

  function removeLater(runId: string, wait: number): void {
    timers.set(
      runId,
      setTimeout(() => {
        timers.delete(runId);
        forget(runId);
        runs.remove(runId);
      }, wait),
    );
  }

  return {
    async open() {
      // Put away in an earlier visit, and the tab was closed before the time was over.
      for (const { runId, deletedAt } of await notes.listLabels()) {
        if (deletedAt !== null && !timers.has(runId)) {
          removeLater(runId, Math.max(0, Date.parse(deletedAt) + UNDO_MS - Date.now()));
        }
      }
    },
    async change(runId, part) {
      const label = await labelOf(runId);
      const name = (part.name ?? label.name).trim().slice(0, MOST_LETTERS);
      await put({ ...label, ...part, name });
    },
    async remove(runId) {
      const stored = store.getState().storedRuns.find(({ config }) => config.id === runId);
      if (!stored) return;
      const label = await labelOf(runId);
      const removed = { runId, name: label.name, createdAt: stored.config.createdAt };
      store.setState({ removed: [...store.getState().removed, removed] });
      removeLater(runId, UNDO_MS);
      await put({ ...label, deletedAt: new Date().toISOString() });
      const { run } = store.getState();
      if (run.run?.config.id === runId) store.setState({ run: { ...runAtStart, mine: run.mine } });
    },
    async undo(runId) {
      clearTimeout(timers.get(runId));
      timers.delete(runId);
      forget(runId);
      await put({ ...(await labelOf(runId)), deletedAt: null });
    },
  };
}
