// What a person does with all that is kept: take it home as one file, bring it in, see what takes room, delete it.
// Loaded when first needed: zips are no business of the first visit.
import { unzipSync } from 'fflate';
import type { CheckpointSlot } from '../protocol/checkpoint';
import { StudioError } from '../protocol/errors';
import type { ExportCheck } from '../protocol/events';
import { exportRuns } from '../storage/archive/exportRuns';
import { importRuns } from '../storage/archive/importRuns';
import { readPageNotes } from '../storage/archive/pageNotes';
import { clearStorage, measureRuns, type RunUsage, sweepStrays } from '../storage/storedUsage';
import type { Studio } from './connection';

export type { RunUsage };

export interface BroughtIn {
  /** Runs that came in, and those that were here already. */
  imported: string[];
  known: string[];
  /** Presets, runs in line and examples that came in. */
  notes: number;
}

export interface ExportedRuns {
  fileName: string;
  file: Blob;
  /** Why an adapter folder is not in it; null when all are. */
  withoutAdapter: string | null;
  /** What was found when the adapters in it were read back. */
  selfChecks: ExportCheck[];
}

function fileNameOf(studio: Studio, runIds: readonly string[]): string {
  const run = studio.store.getState().storedRuns.find(({ config }) => runIds.length === 1 && config.id === runIds[0]);
  if (!run) return `second-thought-${runIds.length}-runs.zip`;
  const { recipe, seed, createdAt } = run.config;
  return `second-thought-${recipe}-seed${seed}-${createdAt.slice(0, 10)}.zip`;
}

/** Whole runs as one zip. @param onProgress 0…1 @param withNotes also presets, queue and examples */
export async function takeRunsHome(
  studio: Studio,
  runIds: readonly string[],
  onProgress: (share: number) => void,
  withNotes = false,
): Promise<ExportedRuns> {
  let withoutAdapter: string | null = null;
  const selfChecks: ExportCheck[] = [];
  const folder = async (runId: string, slot: CheckpointSlot) => {
    const { bytes: zip, selfCheck } = await studio.takeAdapterHome(runId, slot);
    selfChecks.push(selfCheck);
    const files = unzipSync(zip);
    const name = slot === 'best' ? 'adapter-best' : 'adapter';
    return Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`${name}/${file}`, bytes]));
  };
  const adapterOf = async (runId: string) => {
    const stored = studio.store.getState().storedRuns.find(({ config }) => config.id === runId);
    const hasOtherBest = typeof stored?.bestStep === 'number' && stored.bestStep !== stored.checkpointStep;
    try {
      return { ...(await folder(runId, 'last')), ...(hasOtherBest && (await folder(runId, 'best'))) };
    } catch (error) {
      // No checkpoint yet, or another model is loaded: the rest of the run is worth taking all the same.
      withoutAdapter = error instanceof Error ? error.message : String(error);
      return null;
    }
  };
  const page = withNotes ? await readPageNotes() : undefined;
  const file = await exportRuns({ runIds, adapterOf, onProgress, page });
  return { fileName: fileNameOf(studio, runIds), file, withoutAdapter, selfChecks };
}

/** What is here already stays as it is. @throws StudioError with one sentence; nothing is changed then */
export async function bringRunsIn(studio: Studio, file: Blob, onProgress: (share: number) => void): Promise<BroughtIn> {
  const { imported, known, page } = await importRuns(file, onProgress);
  await studio.runs.refresh();
  if (!page) return { imported, known, notes: 0 };
  await studio.examples.refresh();
  const examples = page.examples.filter(({ id }) => !studio.store.getState().examples?.some((own) => own.id === id));
  for (const example of examples) await studio.examples.putBack(example);
  const presets = await studio.setup.adopt(page.presets);
  return { imported, known, notes: examples.length + presets + studio.queue.adopt(page.queue) };
}

/** Bytes per run, largest first. */
export async function measureKept(): Promise<RunUsage[]> {
  await sweepStrays();
  return measureRuns();
}

/** Every run with all that belongs to it, labels, queue, presets and examples. Choices about the page itself stay. */
export async function deleteEverything(studio: Studio): Promise<void> {
  await studio.runs.refresh();
  const { storedRuns, run } = studio.store.getState();
  if (storedRuns.some(({ held, config }) => held && config.id !== run.mine)) {
    throw new StudioError(
      'storage',
      'deleting everything: expected no other tab at work on a run, one is. Close that tab and try again.',
    );
  }
  if (run.mine !== null) await studio.runs.removeNow(run.mine);
  await clearStorage();
  studio.runs.showNone();
  await studio.runs.refresh();
}
