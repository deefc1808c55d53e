// What the page's main thread does, counted from a browser trace: script time, and the longest task. Thread time is what the
// page itself costs; wall time also holds the waiting for a busy machine.
import type { Browser, Page } from '@playwright/test';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** microseconds */
  ts: number;
  dur?: number;
  /** microseconds of the thread's own time */
  tdur?: number;
  args?: { name?: string };
}

export interface MainThread {
  /** seconds watched */
  seconds: number;
  /** ms of script per second, in thread time and on the clock */
  scriptPerSecond: number;
  scriptPerSecondOnClock: number;
  /** ms */
  longestTask: number;
  longestTaskOnClock: number;
}

const SCRIPT = new Set([
  'FunctionCall',
  'EvaluateScript',
  'RunMicrotasks',
  'v8.callFunction',
  'v8.run',
  'MinorGC',
  'MajorGC',
]);

/** Sum over events that are in no other one of the list (a call within a call counts once), ms. */
function outermost(events: TraceEvent[], size: (event: TraceEvent) => number): number {
  let sum = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const event of [...events].sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))) {
    if (event.ts < end) continue;
    end = event.ts + (event.dur ?? 0);
    sum += size(event);
  }
  return sum / 1000;
}

/** Traces while `during` runs. The page must be the only one of its browser. */
export async function watchMainThread(browser: Browser, page: Page, during: () => Promise<void>): Promise<MainThread> {
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel', 'v8'],
  });
  const began = performance.now();
  let buffer: Buffer;
  try {
    await during();
  } finally {
    buffer = await browser.stopTracing();
  }
  const seconds = (performance.now() - began) / 1000;
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(buffer.toString());
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const threads = mains.map(({ pid, tid }) =>
    traceEvents.filter((e) => e.ph === 'X' && e.pid === pid && e.tid === tid),
  );
  // Of several renderers (a spare one is kept ready), the page's is the busy one.
  const [events] = threads.sort((a, b) => b.length - a.length);
  if (!events?.length) throw new Error('trace: expected events of the main thread, found none.');
  const script = events.filter(({ name }) => SCRIPT.has(name));
  const tasks = events.filter(({ name }) => name === 'RunTask');
  const own = (event: TraceEvent) => event.tdur ?? event.dur ?? 0;
  const clock = (event: TraceEvent) => event.dur ?? 0;
  return {
    seconds,
    scriptPerSecond: outermost(script, own) / seconds,
    scriptPerSecondOnClock: outermost(script, clock) / seconds,
    longestTask: tasks.reduce((most, task) => Math.max(most, own(task)), 0) / 1000,
    longestTaskOnClock: tasks.reduce((most, task) => Math.max(most, clock(task)), 0) / 1000,
  };
}
