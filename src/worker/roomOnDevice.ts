// How much a run may take on a device that does not tell how much memory it has: it is asked whether all of it can be had, then three
// quarters of that, and so on. What does not fit goes through in parts (thrift.ts), with the same gradients.
import type { LanguageModel } from '../models/model';
import { VOCABULARY_CHUNK } from '../ops/projectedStatistics/projectedStatistics';
import type { RunPlan } from '../protocol/events';

const FLOAT = 4;
const LESS = 0.75;
/** Below this nothing is left to save: the device is given what there is to do and says itself that it is full. */
const LEAST_BYTES = 16 * 2 ** 20;

export interface DeviceRoom {
  /** bytes that the whole run may take, weights included, as planRun counts them */
  memoryRoom: number;
  /** positions of one forward pass, so that no tensor is larger than a binding may be */
  mostPositions: number;
}

/**
 * @param plan of a run that need not save
 * @param hasRoomFor so many bytes more than are in use, of which one tensor takes `largest`
 */
export async function roomOnDevice(
  { architecture }: Pick<LanguageModel, 'architecture'>,
  plan: RunPlan,
  hasRoomFor: (bytes: number, largest: number) => Promise<boolean>,
): Promise<DeviceRoom> {
  const { positions, batchBytes, trainedBytes, cacheBytes, weightBytes } = plan;
  const enough = { memoryRoom: Number.POSITIVE_INFINITY, mostPositions: Number.POSITIVE_INFINITY };
  if (!positions || !batchBytes) return enough;
  const { vocabulary } = architecture.shape;
  const counted = trainedBytes + (cacheBytes ?? 0) + batchBytes;
  // Chunks of a vocabulary are not known here: logits and their gradient are whole.
  const wanted = counted + FLOAT * 2 * positions * Math.max(0, vocabulary - VOCABULARY_CHUNK);
  let room = wanted;
  while (room > LEAST_BYTES && !(await hasRoomFor(room, 0))) room *= LESS;
  const widest = Math.max(...[...architecture.tensors.values()].map(([rows]) => rows));
  let most = positions;
  while (most > 1 && !(await hasRoomFor(0, FLOAT * most * widest))) most = Math.ceil(most / 2);
  return {
    memoryRoom: room === wanted ? enough.memoryRoom : weightBytes + counted * (room / wanted),
    mostPositions: most === positions ? enough.mostPositions : most,
  };
}
