// Two tabs on one run: one tab's worker holds the run's lock and trains; the other hears its events over a channel, draws the same
// curves, and queues for the lock, so that it knows the moment the first lets go or dies.
import type { RunEvent } from '../protocol/events';
import { runLock, runsChannel } from '../protocol/tabs';
import type { StudioCore } from './connection';
import { isRunEvent } from './runSlice';

export interface Following {
  /** Begins to listen, and keeps what it hears until it is known whether the run is to be followed. */
  watch(runId: string): { follow(): void };
  leave(): void;
}

export interface FollowingEnds {
  onHeard(event: RunEvent): void;
  /** @param hasHeardIt whether the other tab said anything while it was followed */
  onLetGo(runId: string, hasHeardIt: boolean): void;
}

export function createFollowing(core: StudioCore, ends: FollowingEnds): Following {
  let leave = () => {};

  function watch(runId: string): { follow(): void } {
    leave();
    const locks = globalThis.navigator?.locks;
    if (!locks || !globalThis.BroadcastChannel) return { follow() {} };
    const channel = new BroadcastChannel(runsChannel);
    const queueing = new AbortController();
    let early: RunEvent[] | null = [];
    let hasHeardIt = false;
    const take = (event: RunEvent) => {
      hasHeardIt = true;
      core.hearFollowed(event);
      ends.onHeard(event);
    };
    channel.onmessage = ({ data: event }: MessageEvent<RunEvent>) => {
      if (!isRunEvent(event) || (event.type === 'run.started' ? event.run.id : event.runId) !== runId) return;
      if (early) early.push(event);
      else take(event);
    };
    const end = () => {
      channel.close();
      queueing.abort();
      leave = () => {};
    };
    leave = end;
    return {
      follow() {
        if (leave !== end) return;
        const kept = early ?? [];
        early = null;
        for (const event of kept) take(event);
        locks
          .request(runLock(runId), { signal: queueing.signal }, () => {
            if (leave === end) end();
            else return;
            // Let go of the lock first: whoever goes on with the run needs it.
            setTimeout(() => ends.onLetGo(runId, hasHeardIt));
          })
          .catch(() => undefined);
      },
    };
  }

  return { watch, leave: () => leave() };
}
