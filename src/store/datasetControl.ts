// Looking at datasets: read a file or a text, say what its columns are, see what a model would see, keep it, learn from it.
import { type ColumnMapping, DATASET_KINDS, type DatasetInfo, type SplitShares } from '../protocol/datasets';
import { deleteDataset, listDatasets, putDataset, readDatasetRows } from '../storage/storedDatasets';
import type { StudioCore } from './connection';
import type { DatasetsState } from './datasetsSlice';
import type { RunSetup } from './runSetup';

export interface Datasets {
  open(name: string, source: Blob | string): void;
  /** The page's own sample. */
  openSample(): Promise<void>;
  setMapping(mapping: ColumnMapping): void;
  setShares(shares: SplitShares): void;
  /** Shows another conversation. */
  turnTo(offset: number): void;
  /** Once more with the model that is loaded now. */
  checkAgain(): void;
  /** Rejects with the sentence of storage or of the worker. */
  keep(name: string): Promise<void>;
  refresh(): Promise<void>;
  remove(id: string): Promise<void>;
  /** Its rows as JSONL. */
  rowsOf(id: string): Promise<string>;
  /** Fills the Studio's form: supervised fine-tuning on the rows for training. @returns how many conversations were taken */
  learnFrom(id: string): Promise<number>;
}

/** Runs keep their settings, so a dataset in them stays small, characters. */
const LARGEST_SETTING = 4_000_000;
const SAMPLE = 'datasets/gsm8k-sample.jsonl';

/** The training rows as conversations, as many as a run's settings may hold. */
function trainingLines(jsonl: string): string[] {
  const lines: string[] = [];
  let size = 0;
  for (const line of jsonl.split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line) as { messages: unknown; split: string };
    if (row.split !== 'train') continue;
    const text = JSON.stringify({ messages: row.messages });
    size += text.length + 1;
    if (size > LARGEST_SETTING) break;
    lines.push(text);
  }
  return lines;
}

/** Better and worse answers may hold their prompt themselves. */
function isComplete({ kind, columns }: ColumnMapping): boolean {
  return DATASET_KINDS[kind].every((role) => columns[role] || (kind === 'preference' && role === 'prompt'));
}

export function createDatasets(core: StudioCore, setup: RunSetup): Datasets {
  const { port, store } = core;
  const set = (part: Partial<DatasetsState>) => store.setState({ datasets: { ...store.getState().datasets, ...part } });

  function check(offset = 0): void {
    const { mapping, shares, opened } = store.getState().datasets;
    if (!opened) return;
    if (!mapping || !isComplete(mapping)) {
      set({ report: null, isChecking: false, error: null });
      return;
    }
    const requestId = core.newRequestId();
    set({ requestId, isChecking: true, error: null });
    port.post({ type: 'dataset.check', requestId, mapping, shares, offset });
  }

  function open(name: string, source: Blob | string): void {
    const requestId = core.newRequestId();
    set({ requestId, phase: 'reading', opened: null, mapping: null, report: null, isChecking: false, error: null });
    port.post({ type: 'dataset.open', requestId, name, source });
  }

  port.onEvent((event) => {
    const { datasets } = store.getState();
    if (event.type === 'dataset.opened' && event.requestId === datasets.requestId) check();
    // What is on screen was cut by another model's tokenizer.
    if (event.type === 'model.loaded' && datasets.report && datasets.report.model !== event.id)
      check(datasets.report.offset);
  });

  const refresh = async () => set({ kept: await listDatasets() });
  const rowsOf = async (id: string) => {
    const rows = await readDatasetRows(id);
    if (rows === null) throw new Error('dataset: expected its rows in this browser, they are gone. Import it again.');
    return rows;
  };

  return {
    open,
    async openSample() {
      set({ requestId: core.newRequestId(), phase: 'reading', opened: null, report: null, error: null });
      const answer = await fetch(SAMPLE).catch(() => null);
      if (answer?.ok) open('GSM8K, 200 problems', await answer.blob());
      else {
        const message = 'dataset: expected the page’s own sample, it could not be fetched. Reload the page.';
        set({ phase: 'failed', error: { kind: 'input', message } });
      }
    },
    setMapping(mapping) {
      set({ mapping });
      check();
    },
    setShares(shares) {
      set({ shares });
      check(store.getState().datasets.report?.offset);
    },
    turnTo: check,
    checkAgain: () => check(store.getState().datasets.report?.offset),
    async keep(name) {
      const { mapping, shares } = store.getState().datasets;
      if (!mapping) return;
      const requestId = core.newRequestId();
      const answer = core.waitFor((event) =>
        (event.type === 'dataset.taken' || event.type === 'dataset.failed') && event.requestId === requestId
          ? event
          : null,
      );
      port.post({ type: 'dataset.take', requestId, mapping, shares });
      const event = await answer;
      if (event.type === 'dataset.failed') throw new Error(event.error.message);
      const info: DatasetInfo = {
        id: crypto.randomUUID(),
        name,
        savedAt: new Date().toISOString(),
        kind: mapping.kind,
        splits: event.splits,
        characters: event.jsonl.length,
      };
      await putDataset(info, event.jsonl);
      await refresh();
    },
    refresh,
    async remove(id) {
      await deleteDataset(id);
      await refresh();
    },
    rowsOf,
    async learnFrom(id) {
      const lines = trainingLines(await rowsOf(id));
      setup.change({ recipe: 'sft', settings: { dataset: lines.join('\n') } });
      return lines.length;
    },
  };
}
