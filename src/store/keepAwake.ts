// While a run goes, the screen is asked to stay awake: a machine that falls asleep stops practising. Asked for when it
// starts, given back when it pauses or ends; a browser takes the lock away from a hidden page, so it is asked for again.
import type { StoreApi } from 'zustand/vanilla';
import type { StudioState } from './studioState';

/** `off`: nothing runs. `refused`: the browser said no (saving battery, for one). */
export type AwakeState = 'off' | 'held' | 'refused' | 'unsupported';

interface Sentinel {
  readonly released: boolean;
  release(): Promise<void>;
  addEventListener(type: 'release', listener: () => void): void;
}

/** What is needed of the browser; a test brings its own. */
export interface AwakeHost {
  /** Null where the browser has no wake locks. */
  request: (() => Promise<Sentinel>) | null;
  isVisible(): boolean;
  onVisibility(listener: () => void): () => void;
}

export function browserAwakeHost(): AwakeHost {
  const lock = 'wakeLock' in navigator ? navigator.wakeLock : null;
  return {
    request: lock ? () => lock.request('screen') : null,
    isVisible: () => document.visibilityState === 'visible',
    onVisibility(listener) {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
  };
}

function isRunning({ run: { run } }: StudioState): boolean {
  return run?.status === 'running' && run.live;
}

/** Follows the run until the returned function is called. What came of it is `state.awake`. */
export function keepAwake(store: StoreApi<StudioState>, host: AwakeHost): () => void {
  let held: Sentinel | null = null;
  let isAsking = false;
  const say = (awake: AwakeState) => {
    if (store.getState().awake !== awake) store.setState({ awake });
  };

  async function ask(request: () => Promise<Sentinel>): Promise<void> {
    isAsking = true;
    try {
      const sentinel = await request();
      held = sentinel;
      sentinel.addEventListener('release', () => {
        if (held === sentinel) held = null;
      });
      say('held');
    } catch {
      say('refused');
    } finally {
      isAsking = false;
    }
    // The run may have ended while the browser thought about it.
    if (!isRunning(store.getState())) letGo();
  }

  function letGo(): void {
    const sentinel = held;
    held = null;
    void sentinel?.release().catch(() => undefined);
    say('off');
  }

  function follow(): void {
    if (!isRunning(store.getState())) {
      if (held || store.getState().awake !== 'off') letGo();
      return;
    }
    if (host.request === null) say('unsupported');
    else if (!held && !isAsking && host.isVisible()) void ask(host.request);
  }

  let wasRunning = false;
  const stopStore = store.subscribe((state) => {
    const runs = isRunning(state);
    if (runs === wasRunning) return;
    wasRunning = runs;
    follow();
  });
  const stopVisibility = host.onVisibility(follow);
  return () => {
    stopStore();
    stopVisibility();
    letGo();
  };
}
