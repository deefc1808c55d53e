// Runs one after the other: the next begins when the one before has finished, was stopped or has failed. The queue outlives the tab;
// one tab works through it. What is asked of the worker goes through the same door as any other run.
import type { RunRequest } from '../protocol/runForm';
import type { StudioCore } from './connection';
import type { QueueItem } from './notes';
import type { QueueState } from './queueSlice';
import type { RunControl } from './runControl';
import type { RunLabels } from './runLabels';
import { isModelReady, type StudioState } from './studioState';

export interface NewQueueItem {
  request: RunRequest;
  name: string;
  group: string | null;
}

export interface RunQueue {
  open(): Promise<void>;
  /** In line, after what waits already; begins at once when nothing runs. */
  add(entries: readonly NewQueueItem[]): void;
  /** Runs from elsewhere, at the end of the line; nothing begins before a person says so. @returns how many came in */
  adopt(items: readonly QueueItem[]): number;
  /** A run that does not wait in line; only when nothing else runs. */
  startNow(entry: NewQueueItem): Promise<void>;
  hold(): void;
  go(): void;
  /** Takes one that waits or has failed out of the line. */
  remove(id: string): void;
  /** @param by −1 = one earlier, 1 = one later */
  move(id: string, by: number): void;
  /** Puts one that failed at the end of the line. */
  retry(id: string): void;
}

/** A run of an earlier worker may be told "running" until its lock is let go. */
const LOOK_AGAIN_MS = 1000;

/** One place earlier or later among all that wait; what runs stays where it is. */
export function moved(items: readonly QueueItem[], id: string, by: number): QueueItem[] {
  const order = [...items];
  const from = order.findIndex((item) => item.id === id);
  let to = from + by;
  while (order[to] && order[to].status !== 'waiting') to += by;
  if (from < 0 || order[from].status !== 'waiting' || !order[to]) return order;
  [order[from], order[to]] = [order[to], order[from]];
  return order;
}

export function createRunQueue(core: StudioCore, runs: RunControl, labels: RunLabels): RunQueue {
  const { port, store, notes } = core;
  /** Runs that paused with an error: they may be resumed by hand, the queue goes on without them. */
  const givenUp = new Set<string>();
  let isTakingUp = false;

  const state = () => store.getState().queue;
  function set(part: Partial<QueueState>): void {
    const queue = { ...state(), ...part };
    store.setState({ queue });
    if (queue.isElsewhere) return;
    if (part.items) void notes.putQueue([...part.items]);
    notes.setGoing(!queue.isHeld && queue.items.some(({ status }) => status !== 'failed'));
  }
  const change = (id: string, part: Partial<QueueItem>) =>
    set({ items: state().items.map((item) => (item.id === id ? { ...item, ...part } : item)) });
  const drop = (id: string) => set({ items: state().items.filter((item) => item.id !== id) });

  function isBusy({ run }: StudioState): boolean {
    if (run.wish !== null) return true;
    const here = run.run;
    if (!here?.live) return false;
    return here.status === 'running' || (here.status === 'paused' && !givenUp.has(here.config.id));
  }

  async function begin({ request, name, group }: NewQueueItem): Promise<void> {
    if (name !== '' || group !== null) await labels.change(request.runId, { name, group });
    runs.start(request);
  }

  /** Begins or continues what is next, when it may. */
  function pump(): void {
    const all = store.getState();
    const { items, isHeld, isElsewhere } = all.queue;
    if (isHeld || isElsewhere || isTakingUp || !isModelReady(all) || isBusy(all)) return;
    const underWay = items.find(({ status }) => status === 'running');
    if (underWay) return void takeUp(underWay);
    const next = items.find(({ status }) => status === 'waiting');
    if (!next) return;
    isTakingUp = true;
    change(next.id, { status: 'running', error: null });
    void begin(next).finally(() => {
      isTakingUp = false;
    });
  }

  /** A run of the queue that nobody holds: the tab was loaded anew, or its worker died. It goes on from its checkpoint. */
  async function takeUp(item: QueueItem): Promise<void> {
    isTakingUp = true;
    try {
      await runs.refresh();
      const { runId } = item.request;
      const stored = store.getState().storedRuns.find(({ config }) => config.id === runId);
      if (!stored) change(item.id, { status: 'waiting' });
      else if (stored.status === 'finished' || stored.status === 'stopped') drop(item.id);
      else if (stored.status === 'failed') change(item.id, { status: 'failed', error: null });
      else if (stored.status === 'running') return void setTimeout(pump, LOOK_AGAIN_MS);
      else return await runs.continueStored(runId);
    } finally {
      isTakingUp = false;
    }
    pump();
  }

  function settle(runId: string, error: string | null): void {
    const item = state().items.find(({ request, status }) => status === 'running' && request.runId === runId);
    if (!item) return;
    if (error === null) drop(item.id);
    else change(item.id, { status: 'failed', error });
  }

  port.onEvent((event) => {
    switch (event.type) {
      case 'run.finished':
      case 'run.stopped':
        settle(event.runId, null);
        break;
      case 'run.failed':
        settle(event.runId, event.error.message);
        break;
      case 'run.paused':
        if (event.error === null) return;
        givenUp.add(event.runId);
        settle(event.runId, event.error.message);
        break;
      case 'run.resumed':
        givenUp.delete(event.runId);
        return;
      case 'model.loaded':
        break;
      default:
        return;
    }
    pump();
  });

  return {
    async open() {
      set({ items: await notes.readQueue(), isElsewhere: true });
      notes.leadQueue(async () => {
        // As the tab before left it: what this one read at its start is out of date.
        const items = await notes.readQueue();
        const isHeld = items.some(({ status }) => status !== 'failed') && !notes.wasGoing();
        store.setState({ queue: { items, isHeld, isElsewhere: false } });
        pump();
      });
    },
    add(entries) {
      const added = entries.map(
        (entry): QueueItem => ({ ...entry, id: entry.request.runId, status: 'waiting', error: null }),
      );
      set({ items: [...state().items, ...added] });
      pump();
    },
    adopt(items) {
      const all = store.getState();
      // Where another tab works through the line, only that one may change it.
      if (state().isElsewhere) return 0;
      const isKnown = ({ id }: QueueItem) =>
        state().items.some((own) => own.id === id) || all.storedRuns.some(({ config }) => config.id === id);
      const fresh = items.filter((item) => !isKnown(item));
      if (fresh.length > 0) set({ items: [...state().items, ...fresh], isHeld: true });
      return fresh.length;
    },
    async startNow(entry) {
      if (!isBusy(store.getState())) await begin(entry);
    },
    hold: () => set({ isHeld: true }),
    go() {
      set({ isHeld: false });
      pump();
    },
    remove(id) {
      if (state().items.some((item) => item.id === id && item.status !== 'running')) drop(id);
    },
    move: (id, by) => set({ items: moved(state().items, id, by) }),
    retry(id) {
      const item = state().items.find((candidate) => candidate.id === id);
      if (item?.status !== 'failed') return;
      // A run of its own: what the failed one left stays in the list.
      const runId = crypto.randomUUID();
      const again: QueueItem = {
        ...item,
        id: runId,
        request: { ...item.request, runId },
        status: 'waiting',
        error: null,
      };
      set({ items: [...state().items.filter((candidate) => candidate.id !== id), again] });
      pump();
    },
  };
}
