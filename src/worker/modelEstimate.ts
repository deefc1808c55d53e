// What a model would need, from its configuration and the shapes of its tensors: nothing of its weights is read.
import type { ModelDescription } from '../models/files/modelDescription';
import { openedSize } from '../models/openModel';
import { StudioError } from '../protocol/errors';
import type { ModelEstimate, ModelObstacle, WeightHolding } from '../protocol/models';

const GIB = 2 ** 30;
/** The engine's memory is addressed with 32 bits; a quarter of it is for what computes. */
const WEIGHTS_AT_MOST = 3 * GIB;
/** Of the machine's memory, where the browser tells it: a tab that takes more is closed. */
const SHARE_OF_MEMORY = 0.5;

/** Bytes of weights that this tab may hold. `deviceMemory` is in GiB, at most 8, and not told by every browser. */
export function weightLimit(): number {
  const memory: unknown = Reflect.get(globalThis.navigator ?? {}, 'deviceMemory');
  return typeof memory === 'number' ? Math.min(WEIGHTS_AT_MOST, memory * SHARE_OF_MEMORY * GIB) : WEIGHTS_AT_MOST;
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

export interface EstimateOf {
  name: string;
  described: Pick<ModelDescription, 'config' | 'tensors'>;
  fetchBytes: number;
  licence: string | null;
  /** other files of the same repository, smallest first */
  choices: { file: string; bytes: number }[];
  limitBytes: number;
}

export function estimateModel({
  name,
  described,
  fetchBytes,
  licence,
  choices,
  limitBytes,
}: EstimateOf): ModelEstimate {
  const { config, tensors } = described;
  const fileBytes = [...tensors.tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const { parameters, resident, obstacle } = sizeOf(described);
  // Another file of the same weights: as many numbers, in more or fewer bits.
  const fits = (bytes: number) => resident === null || (bytes * resident) / Math.max(1, fileBytes) <= limitBytes;
  const offered = choices.map((choice) => ({ ...choice, fits: fits(choice.bytes) }));
  const holdings = resident === null ? [] : holdingsOf(described, resident, limitBytes);
  const isTooLarge = resident !== null && !holdings.some((held) => held.fits);
  return {
    name,
    architecture: typeof config.model_type === 'string' ? config.model_type : null,
    parameters,
    fetchBytes,
    residentBytes: resident,
    holdings,
    limitBytes,
    licence,
    obstacle: obstacle ?? (isTooLarge ? tooLarge(name, resident, parameters ?? 0, limitBytes, offered) : null),
    choices: offered,
  };
}

const WAYS: readonly WeightHolding[] = ['stored', 'Q8_0', 'Q4_0', 'float32'];

/** Ways that differ in size; the usual one, as the file has them or small ones in 32 bits, is the first. */
function holdingsOf(
  described: EstimateOf['described'],
  usual: number,
  limitBytes: number,
): NonNullable<ModelEstimate['holdings']> {
  const ways = WAYS.map((holding) => ({ holding, bytes: openedSize(described, holding).bytes }));
  const first = ways.find(({ bytes }) => bytes === usual);
  const sorted = first ? [first, ...ways.filter((way) => way !== first)] : ways;
  return sorted
    .filter(({ bytes }, i) => sorted.findIndex((other) => other.bytes === bytes) === i)
    .map((way) => ({ ...way, fits: way.bytes <= limitBytes }));
}

/** What it takes on the engine that runs; or why it cannot be opened there. */
function sizeOf(described: EstimateOf['described']): {
  parameters: number | null;
  resident: number | null;
  obstacle: ModelObstacle | null;
} {
  try {
    const { parameters, bytes } = openedSize(described);
    return { parameters, resident: bytes, obstacle: null };
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    const kind = error.message.startsWith('config.json') ? 'architecture' : 'format';
    return { parameters: null, resident: null, obstacle: { kind, message: error.message } };
  }
}

function tooLarge(
  name: string,
  resident: number,
  parameters: number,
  limit: number,
  choices: ModelEstimate['choices'],
): ModelObstacle {
  const other = choices.filter(({ fits }) => fits).at(-1);
  const largest = Math.floor((limit / resident) * parameters);
  const advice = other
    ? `${other.file} would fit.`
    : `A model of up to ${(largest / 1e6).toFixed(largest < 1e7 ? 1 : 0)} million parameters in this form would fit.`;
  return {
    kind: 'memory',
    message: `${name}: expected at most ${megabytes(limit)} of weights in this tab, got ${megabytes(resident)}. ${advice}`,
  };
}
