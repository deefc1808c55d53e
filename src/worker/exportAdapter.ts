// What was learned, as a folder to take home: adapter_model.safetensors and adapter_config.json as PEFT names them, to be loaded
// beside the base model; or the whole model's weights, when all of them were trained. Beside them the tokenizer and the chat
// template, where the numbers come from (studio_run.json) and a model card. Given out only after it was read back and checked.
import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import { zipSync } from 'fflate';
import { type Adapter, isHead, peftConfig, readAdapter } from '../models/adapter';
import { hasGgufPlace, ollamaModelfile, writeGgufAdapter } from '../models/ggufAdapter';
import type { LanguageModel } from '../models/model';
import { writeSafetensors } from '../models/safetensors';
import type { ExportCheck, RunConfig } from '../protocol/events';
import { checkExport, GGUF_FILE } from './checkExport';
import type { Measured } from './measuredUntil';
import { modelCard } from './modelCard';
import { trainerState } from './trainerState';

/** A fixed date makes the same adapter the same file. */
const FILE_DATE = '2026-01-01T00:00:00';

/** Taken along as they came; config.json only where it belongs to weights of our own. */
const TEXT_FILES = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'];

/** Where a model came from. */
export interface ModelOrigin {
  /** all but the weights, by name */
  files: ReadonlyMap<string, Uint8Array>;
  /** hexadecimal; null where it could not be computed */
  weightsSha256: string | null;
}

export interface ExportedAdapter {
  fileName: string;
  /** a zip */
  bytes: Uint8Array<ArrayBuffer>;
  selfCheck: ExportCheck;
}

export interface ExportJob {
  model: LanguageModel;
  origin: ModelOrigin;
  adapter: Adapter;
  config: RunConfig;
  /** steps done */
  step: number;
  measured: Measured;
  studioVersion: string;
  /** largest absolute difference of a logit between memory and zip that is let pass */
  tolerance: number;
  /** How files become a zip; another one only in tests. */
  pack?(files: Record<string, Uint8Array>): Uint8Array;
}

const packed = (files: Record<string, Uint8Array>) => zipSync(files, { level: 0, mtime: FILE_DATE });
const text = (value: string) => new TextEncoder().encode(value);
const json = (value: unknown) => text(`${JSON.stringify(value, null, 2)}\n`);

/** studio_run.json: all that this page knows of how the numbers came to be. */
function provenance({ model, origin, adapter, config, step, measured, studioVersion }: ExportJob) {
  return {
    format: 'second-thought-adapter',
    version: 1,
    studio: { version: studioVersion, tfjs: tfjsVersion },
    run: config,
    step,
    seed: config.seed,
    model: { id: model.id, parameters: model.parameters, weightsSha256: origin.weightsSha256 },
    adapter: adapter.config,
    validation: { base: measured.base, trained: measured.trained },
    test: measured.test,
    rate: measured.rate,
  };
}

/** The same adapter for llama.cpp and what reads its files; whoever has the base there needs nothing else. */
async function forLlamaCpp({ model, adapter }: ExportJob): Promise<Record<string, Uint8Array>> {
  return {
    [GGUF_FILE]: await writeGgufAdapter(model, adapter),
    Modelfile: text(ollamaModelfile(model.id, GGUF_FILE)),
  };
}

async function filesOf(job: ExportJob): Promise<Record<string, Uint8Array>> {
  const { model, origin, adapter } = job;
  const isFull = adapter.config.method === 'full';
  const files: Record<string, Uint8Array> = { 'README.md': text(modelCard(job, tfjsVersion)) };
  // A critic or a ranker is no part of the model: who loads the file would meet tensors without a place.
  const weights = writeSafetensors(
    (await readAdapter(adapter)).filter(({ name }) => !isHead(name)),
    'F32',
  );
  if (isFull) files['model.safetensors'] = weights;
  else {
    files['adapter_model.safetensors'] = weights;
    // Loaded by PEFT, NAT's two paths without their unit would be another model.
    if (adapter.units.size === 0) {
      files['adapter_config.json'] = json(peftConfig(model, adapter));
      if (hasGgufPlace(model)) Object.assign(files, await forLlamaCpp(job));
    }
  }
  for (const name of isFull ? ['config.json', ...TEXT_FILES] : TEXT_FILES) {
    const bytes = origin.files.get(name);
    if (bytes) files[name] = bytes;
  }
  files['studio_run.json'] = json(provenance(job));
  const { rows, evaluations } = job.measured;
  if (rows.length > 0) files['trainer_state.json'] = json(trainerState(job.config, job.step, rows, evaluations));
  return files;
}

/** The zip of an adapter. @throws StudioError('internal') when what is read back from it is not the adapter in memory */
export async function exportAdapter(job: ExportJob): Promise<ExportedAdapter> {
  const { model, adapter, config, step, tolerance, pack = packed } = job;
  const files = await filesOf(job);
  const bytes = new Uint8Array(pack(files));
  const selfCheck = await checkExport({ model, adapter, bytes, files, tolerance });
  const name = config.model.replace(/[^\w.-]+/g, '-');
  return { fileName: `${name}-${config.recipe}-seed${config.seed}-step${step}.zip`, bytes, selfCheck };
}
