// An export is proven before it is offered: the zip is read back as a stranger would read it, and what comes out answers fixed
// conversations beside the adapter in memory. Law of the room: only the zip's bytes may be used to make the second adapter.
import { unzipSync } from 'fflate';
import { answerText, type DialProblem, type Sign } from '../lib/dialProblem';
import {
  type Adapter,
  type AdapterConfig,
  disposeAdapter,
  isHead,
  readAdapter,
  restoreAdapter,
} from '../models/adapter';
import { memoryBytes } from '../models/files/memoryBytes';
import { readGgufAdapter } from '../models/ggufAdapter';
import { type LanguageModel, logitsOf } from '../models/model';
import { readPeftConfig } from '../models/peftImport';
import { readSafetensors } from '../models/safetensors';
import { StudioError } from '../protocol/errors';
import type { ExportCheck } from '../protocol/events';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';

const WHERE = 'export';
const WHAT_TO_DO =
  'Nothing was offered for download; try again, and if it happens again, report it with this sentence.';

const refuse = (sentence: string): never => {
  throw new StudioError('internal', `${WHERE}: ${sentence} ${WHAT_TO_DO}`);
};

/** Problems of three lengths with a first and a second answer: true arithmetic, landing anywhere. */
const CONVERSATIONS: { numbers: number[]; first: Sign[]; second: Sign[] }[] = [
  { numbers: [7, 3, 11, 5, 2, 8], first: ['+', '-', '-', '-', '+'], second: ['+', '-', '-', '+', '-'] },
  { numbers: [4, 9, 1, 6], first: ['+', '+', '+'], second: ['-', '+', '-'] },
  {
    numbers: [10, 2, 7, 1, 8, 3, 11, 5],
    first: ['-', '+', '-', '+', '-', '+', '-'],
    second: ['-', '-', '+', '+', '+', '-', '+'],
  },
];

/** The adapter once more, as llama.cpp loads it. */
export const GGUF_FILE = 'adapter.gguf';

/** A multiplied scale in its matrices rounds once more than the matrices in memory. */
const GGUF_ALLOWANCE = 1e-3;

/** Both answers with the correction turn between them, as the model's template writes them. */
function conversationIds({ chat, architecture }: LanguageModel): Int32Array[] {
  return CONVERSATIONS.map(({ numbers, first, second }) => {
    const problem: DialProblem = { numbers, times: false };
    const task = dialTask(numbers.length);
    const answer = (signs: Sign[]) => ({ role: 'assistant', content: answerText(problem, signs) });
    const messages = [...task.ask(problem), answer(first), { role: 'user', content: task.instruction }, answer(second)];
    return chat.conversation(messages).ids.subarray(0, architecture.shape.maxPositions);
  });
}

/** [T · vocabulary] */
async function logitsFor(model: LanguageModel, adapter: Adapter, ids: Int32Array): Promise<Float32Array> {
  const cache = new KeyValueCache(model);
  try {
    cache.reset(1, ids.length);
    const row = { past: [], own: cache.allocate() };
    const hidden = cache.read(adapter, [row], ids, Int32Array.from(ids.keys()), ids.length);
    const logits = logitsOf(model, adapter, hidden);
    hidden.dispose();
    const values = Float32Array.from(await logits.data());
    logits.dispose();
    return values;
  } finally {
    cache.dispose();
  }
}

/** NaN where either side is: not a number is never equal. */
async function largestDifference(model: LanguageModel, a: Adapter, b: Adapter): Promise<ExportCheck> {
  const prompts = conversationIds(model);
  let largest = 0;
  let tokens = 0;
  for (const ids of prompts) {
    const [inMemory, readBack] = [await logitsFor(model, a, ids), await logitsFor(model, b, ids)];
    inMemory.forEach((value, i) => {
      const difference = Math.abs(value - readBack[i]);
      if (!(difference <= largest)) largest = difference;
    });
    tokens += ids.length;
    if (Number.isNaN(largest)) break;
  }
  return { prompts: prompts.length, tokens, largestLogitDifference: largest };
}

/** Readers blame the file they were given: here it is one of ours. */
function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return refuse(`expected ${what} that can be read back, it cannot (${words}).`);
  }
}

/** What the scale is made of: adapter_config.json as PEFT reads it, or, for layers that PEFT does not know, studio_run.json. */
function readConfig(files: Record<string, Uint8Array>, isForPeft: boolean): AdapterConfig {
  const name = isForPeft ? 'adapter_config.json' : 'studio_run.json';
  const read = files[name] && readable(name, () => JSON.parse(new TextDecoder().decode(files[name])));
  const { r, alpha, targets } = isForPeft
    ? { r: read?.r, alpha: read?.lora_alpha, targets: read?.target_modules }
    : (read?.adapter ?? {});
  if (!(Number.isInteger(r) && r > 0 && typeof alpha === 'number' && Array.isArray(targets))) {
    return refuse(`expected ${name} with rank, alpha and targets in the zip, it has none.`);
  }
  return isForPeft ? readable(name, () => readPeftConfig(read)) : { method: 'lora', r, alpha, targets };
}

/** The adapter that the files hold, after a look at names and shapes. */
async function adapterIn(files: Record<string, Uint8Array>, model: LanguageModel, inMemory: Adapter): Promise<Adapter> {
  const isFull = inMemory.config.method === 'full';
  const name = isFull ? 'model.safetensors' : 'adapter_model.safetensors';
  if (!files[name]) return refuse(`expected ${name} in the zip, it has none.`);
  const arrays = readable(name, () => readSafetensors(files[name], name));
  const expected = (await readAdapter(inMemory)).filter((one) => !isHead(one.name));
  const isThere = expected.every((one) => arrays.get(one.name)?.shape.join() === one.shape.join());
  if (!isThere || arrays.size !== expected.length) {
    return refuse(`expected ${expected.length} tensors of the adapter's names and shapes in ${name}, got others.`);
  }
  const config = isFull ? inMemory.config : readConfig(files, inMemory.units.size === 0);
  return restoreAdapter(model, config, [...arrays.values()]);
}

async function compare(model: LanguageModel, inMemory: Adapter, readBack: Adapter, tolerance: number, what: string) {
  const check = await largestDifference(model, inMemory, readBack);
  const { largestLogitDifference: largest, prompts } = check;
  if (!(largest <= tolerance)) {
    refuse(
      `expected ${what} read back from the zip to give the same logits as the one in memory on ${prompts} conversations ` +
        `(largest difference at most ${tolerance}), got a difference of ${largest}.`,
    );
  }
  return check;
}

async function checkGguf(
  bytes: Uint8Array | undefined,
  { model, adapter, tolerance }: Pick<ExportProof, 'model' | 'adapter' | 'tolerance'>,
): Promise<void> {
  const readBack = await readGgufAdapter(model, memoryBytes(GGUF_FILE, bytes ?? new Uint8Array())).catch(
    (error: unknown) =>
      readable<Adapter>(GGUF_FILE, () => {
        throw error;
      }),
  );
  try {
    await compare(model, adapter, readBack, tolerance + GGUF_ALLOWANCE, 'the adapter for llama.cpp');
  } finally {
    disposeAdapter(readBack);
  }
}

export interface ExportProof {
  model: LanguageModel;
  /** in memory */
  adapter: Adapter;
  /** the zip */
  bytes: Uint8Array;
  /** what was put into it */
  files: Record<string, Uint8Array>;
  /** largest absolute difference of a logit that is let pass */
  tolerance: number;
}

/** @throws StudioError('internal') when what the zip holds is not what is in memory */
export async function checkExport({ model, adapter, bytes, files, tolerance }: ExportProof): Promise<ExportCheck> {
  const found = readable('a zip', () => unzipSync(bytes));
  const readBack = await adapterIn(found, model, adapter);
  try {
    const check = await compare(model, adapter, readBack, tolerance, 'the adapter');
    if (GGUF_FILE in files) await checkGguf(found[GGUF_FILE], { model, adapter, tolerance });
    // Zip checksums are not looked at by the reader, and not every bit shows in those logits.
    for (const [name, content] of Object.entries(files)) {
      const isSame = found[name]?.length === content.length && content.every((byte, i) => byte === found[name][i]);
      if (!isSame) refuse(`expected ${name} to come back from the zip as it went in, it did not.`);
    }
    return check;
  } finally {
    disposeAdapter(readBack);
  }
}
