// npm run table -- quality: data of mixed quality on the bundled model. C-RLFT with its ablations, asked in its own words and in the lesser
// class's (the prompt swap of OpenChat's figure 5), with how far the classes lie apart inside the model (its figure of embeddings, with
// numbers); and which problems models of right and of wrong answers solve (table 1 of arXiv 2312.12832).
import { answerEmbeddings } from '../evaluation/answerEmbeddings';
import { wilson } from '../evaluation/intervals';
import { linearProbe, principalComponents, silhouette } from '../evaluation/separation';
import { type Overlap, solvedBy, solvedOverlap } from '../evaluation/solvedOverlap';
import { evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import { CounterRng } from '../lib/counterRng';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { OTHER_CLASS } from '../recipes/crlft';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { answerTokens } from '../train/answerBatch';
import type { TableRow } from './scoreTable';

const SEED = 77;
/** Answers per class in the map. */
const MAPPED = 150;

export const qualityRows: readonly (TableRow & { recipe: string })[] = [
  { id: 'crlft', title: 'C-RLFT', recipe: 'c-rlft' },
  { id: 'crlft_no_condition', title: 'w/o condition', recipe: 'c-rlft', settings: { condition: false } },
  { id: 'crlft_no_reward', title: 'w/o reward', recipe: 'c-rlft', settings: { weight: 1 } },
  { id: 'crlft_sft', title: 'neither (plain SFT)', recipe: 'c-rlft', settings: { condition: false, weight: 1 } },
  { id: 'crlft_expert', title: 'only the expert', recipe: 'c-rlft', settings: { data: 'expert' } },
  { id: 'crlft_other', title: 'only the other class', recipe: 'c-rlft', settings: { data: 'other' } },
  // One model of right answers, one of wrong ones, of the same teacher.
  { id: 'positive', title: 'right answers only', recipe: 'negative-data', settings: { loss: 'kd' } },
  { id: 'negative', title: 'wrong answers only', recipe: 'nat', settings: { negativeShare: 1, targets: '' } },
];

export interface QualityFigures {
  id: string;
  title: string;
  steps: number;
  seconds: number;
  /** share of first answers that are right, greedy */
  accuracy: number;
  interval: { low: number; high: number };
  /** the same, asked as for the lesser class */
  swapped: number;
  swappedInterval: { low: number; high: number };
  /** of right answers read under the plain prompt and under the lesser class's: do the states of the same words differ? */
  silhouette: number;
  probe: number;
  explained: number[];
  /** [2 · MAPPED][2], the plain prompt's first */
  map: number[][];
  solved: Uint8Array;
}

/** @param adapter null: the base */
export async function measureQuality(
  model: LanguageModel,
  adapter: Adapter | null,
  testProblems: number,
): Promise<Omit<QualityFigures, 'id' | 'title' | 'steps' | 'seconds'>> {
  const task = dialTask(6);
  const cache = new KeyValueCache(model);
  const decoder = { model, adapter, cache };
  const job = { task, problems: evaluationProblems(task, 'test', testProblems), temperature: 0, seed: SEED };
  const solved = await solvedBy(decoder, job);
  const swapped = await solvedBy(decoder, job, `${OTHER_CLASS} `);
  const count = (list: Uint8Array) => list.reduce((sum, one) => sum + one, 0);
  const rng = new CounterRng(SEED, 0x6d617000);
  const texts = job.problems.slice(0, MAPPED).map((problem) => ({ problem, text: task.solve!(rng, problem) }));
  const read = ['', `${OTHER_CLASS} `].flatMap((prefix) =>
    texts.map(({ problem, text }) => ({
      prompt: model.chat.prompt([{ role: 'user', content: `${prefix}${task.ask(problem)[0].content}` }]),
      answer: answerTokens(model, text),
    })),
  );
  const vectors = await answerEmbeddings(decoder, read);
  cache.dispose();
  const labels = vectors.map((_, i) => Number(i < texts.length));
  // Both readings of a problem's answer, five apart, fall into the same fold of five: the probe must not meet an answer again.
  const order = texts.flatMap((_, i) =>
    i % 5 === 0 ? [0, texts.length].flatMap((half) => [0, 1, 2, 3, 4].map((k) => half + i + k)) : [],
  );
  const { coordinates, explained } = principalComponents(vectors);
  return {
    accuracy: count(solved) / testProblems,
    interval: wilson(count(solved), testProblems),
    swapped: count(swapped) / testProblems,
    swappedInterval: wilson(count(swapped), testProblems),
    silhouette: silhouette(vectors, labels),
    probe: linearProbe(
      order.map((i) => vectors[i]),
      order.map((i) => labels[i]),
    ),
    explained,
    map: coordinates.map((point) => [...point]),
    solved,
  };
}

const percent = (value: number) => (100 * value).toFixed(1).padStart(6);
const range = ({ low, high }: { low: number; high: number }) => `(${percent(low).trim()} to ${percent(high).trim()})`;

export function printQuality(rows: readonly QualityFigures[]): void {
  console.log(
    '\nFirst answers, greedy, percent; the classes in the model: the same right answers read under both prompts',
  );
  console.log(`${''.padEnd(22)}  accuracy (95 %)         other class's prompt    silhouette  probe  steps  seconds`);
  for (const r of rows) {
    const cells = [`${percent(r.accuracy)} ${range(r.interval)}`, `${percent(r.swapped)} ${range(r.swappedInterval)}`];
    console.log(
      `${r.title.padEnd(22)}${cells.map((cell) => cell.padEnd(24)).join('')}${r.silhouette.toFixed(3).padStart(10)}${r.probe.toFixed(2).padStart(7)}${String(r.steps).padStart(7)}${r.seconds.toFixed(0).padStart(9)}`,
    );
  }
}

/** Of two rows by their ids; null where one was not measured. */
export function overlapOf(rows: readonly QualityFigures[], first: string, second: string): Overlap | null {
  const [a, b] = [first, second].map((id) => rows.find((row) => row.id === id)?.solved);
  return a && b ? solvedOverlap(a, b) : null;
}

export function printOverlap(title: string, overlap: Overlap | null, n: number): void {
  if (!overlap) return;
  const union = overlap.union === null ? 'none' : overlap.union.toFixed(3);
  console.log(
    `${title}: of ${n} problems the first solves ${overlap.first}, the second ${overlap.second}, both ${overlap.both}; intersection over union ${union}`,
  );
}
