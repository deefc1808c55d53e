// The bundled models that `npm run pretrain` can make: words, corpus, settings of training, and the task they are measured on.
import type { CorpusDocument } from '../data/dialCorpus';
import { drawDocument } from '../data/dialCorpus';
import { drawLeftDocument } from '../data/leftCorpus';
import type { CounterRng } from '../lib/counterRng';
import { dialTokenizerJson } from '../models/dialLlama';
import { leftTokenizerJson } from '../models/leftLlama';
import { dialTask } from '../rewards/dialTask';
import { leftTask } from '../rewards/leftTask';
import type { Task } from '../rewards/task';

const DIAL_SETTINGS = {
  learningRate: 2e-3,
  beta1: 0.9,
  beta2: 0.98,
  weightDecay: 0.05,
  warmup: 100,
  floor: 0.02,
  maxNorm: 1,
  rowLength: 96,
  rows: 64,
};

export interface ModelFamily {
  id: string;
  positions: number;
  settings: typeof DIAL_SETTINGS;
  tokenizerJson(): Record<string, unknown>;
  drawDocument(rng: CounterRng): CorpusDocument;
  task: Task<unknown>;
}

export const FAMILIES: Record<'dial' | 'left', ModelFamily> = {
  dial: {
    id: 'dial-0.8m',
    positions: 5_500_000,
    settings: DIAL_SETTINGS,
    tokenizerJson: dialTokenizerJson,
    drawDocument,
    task: dialTask(6) as Task<unknown>,
  },
  // Small batches: signed arithmetic was not learnt from large ones in as many positions (design notes of the task).
  left: {
    id: 'left-0.8m',
    positions: 1_200_000,
    settings: { ...DIAL_SETTINGS, learningRate: 3e-3, floor: 0.05, rowLength: 64, rows: 16 },
    tokenizerJson: leftTokenizerJson,
    drawDocument: drawLeftDocument,
    task: leftTask(4) as Task<unknown>,
  },
};
