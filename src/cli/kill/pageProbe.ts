// What the kill harness knows of the page: what its worker says, a way to end that worker in the middle of anything, and a
// fingerprint of every stored row. These functions run inside the page.

export interface ProbeWindow extends Window {
  killProbe: {
    worker: Worker | null;
    /** `run.started` events so far, with the step they went on from */
    starts: { runId: string; resumedAt: number }[];
    finished: number;
    failed: string[];
    step: number;
  };
}

/** Before the page's own scripts: keeps the newest worker and listens to it. */
export function installProbe(): void {
  const probe: ProbeWindow['killProbe'] = { worker: null, starts: [], finished: 0, failed: [], step: 0 };
  const PlainWorker = Worker;
  const Watched = class extends PlainWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      probe.worker = this;
      this.addEventListener('message', ({ data }) => {
        if (data.type === 'run.started') probe.starts.push({ runId: data.run.id, resumedAt: data.resumedAt });
        if (data.type === 'run.stepped') probe.step = data.step;
        if (data.type === 'run.finished') probe.finished++;
        if (data.type === 'run.failed' || data.type === 'storage.failed') probe.failed.push(data.error.message);
      });
    }
  };
  Object.assign(window, { killProbe: probe, Worker: Watched });
}

/** One stored row: where it lies (without the run's id) and a hash of all it holds but clocks and names. */
export interface RowPrint {
  store: string;
  key: string;
  step: number;
  hash: string;
}

export interface StoredPrint {
  rows: RowPrint[];
  run: { id: string; step: number; checkpointStep: number | null; status: string } | null;
}

/** Fingerprints of everything stored. @param stores names of the stores whose rows belong to a run */
export async function readPrints(stores: string[]): Promise<StoredPrint> {
  /** Differ from run to run without meaning anything: names, and how long it took. */
  const volatile = ['id', 'runId', 'createdAt', 'updatedAt', 'seconds', 'secondsElapsed', 'step_time', 'rate'];
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const plain = (value: unknown, arrays: Uint8Array[]): unknown => {
    if (ArrayBuffer.isView(value)) {
      arrays.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      return `${value.constructor.name} ${value.byteLength}`;
    }
    if (Array.isArray(value)) return value.map((entry) => plain(entry, arrays));
    if (typeof value === 'number') return Object.is(value, -0) || !Number.isFinite(value) ? `number ${value}` : value;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([name]) => !volatile.includes(name));
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([name, entry]) => [name, plain(entry, arrays)]);
  };
  const hashOf = async (value: unknown): Promise<string> => {
    const arrays: Uint8Array[] = [];
    const text = new TextEncoder().encode(JSON.stringify(plain(value, arrays)));
    const bytes = new Uint8Array(await new Blob([text, ...(arrays as Uint8Array<ArrayBuffer>[])]).arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [...digest.slice(0, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  };
  const db = await settled(indexedDB.open('second-thought'));
  try {
    const rows: RowPrint[] = [];
    for (const store of stores.filter((name) => db.objectStoreNames.contains(name))) {
      const [keys, values] = await Promise.all([
        settled(db.transaction(store).objectStore(store).getAllKeys()),
        settled(db.transaction(store).objectStore(store).getAll()),
      ]);
      for (const [i, key] of keys.entries()) {
        const parts = Array.isArray(key) ? key.slice(1) : [];
        const step = typeof parts[0] === 'number' ? parts[0] : -1;
        rows.push({ store, key: parts.join(' '), step, hash: await hashOf(values[i]) });
      }
    }
    const runs = await settled(db.transaction('runs').objectStore('runs').getAll());
    // Of the list of runs only the result: the rest is clocks, names and states.
    for (const { finished } of runs)
      rows.push({ store: 'runs', key: 'finished', step: -1, hash: await hashOf(finished) });
    const run = runs.map(({ config, step, checkpointStep, status }) => ({
      id: config.id,
      step,
      checkpointStep,
      status,
    }));
    return { rows, run: run[0] ?? null };
  } finally {
    db.close();
  }
}
