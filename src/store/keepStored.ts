// Asks the browser not to evict what is stored, once there is something worth keeping: a run, or a model that was fetched. Only a page
// may ask (workers have no `storage.persist`).
import type { StudioEvent } from '../protocol/events';
import type { WorkerPort } from '../protocol/workerPort';
import { keepStorage } from '../storage/database';

const isWorthKeeping = (event: StudioEvent): boolean =>
  event.type === 'run.started' || (event.type === 'model.loaded' && event.kept === 'kept');

/** Asks at most once per visit. */
export function keepStored(port: Pick<WorkerPort, 'onEvent'>, ask: () => Promise<unknown> = keepStorage): void {
  const stop = port.onEvent((event) => {
    if (!isWorthKeeping(event)) return;
    stop();
    void ask();
  });
}
