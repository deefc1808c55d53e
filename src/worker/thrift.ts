// What a run does when its step would not fit into memory: first its blocks are computed again in the backward pass (more computing,
// the same bits), then its batches go through in parts as well. Chosen by the formula of stepBytes.ts, before anything runs.
import type { Architecture } from '../models/model';
import type { RunPlan } from '../protocol/events';
import { type StepSize, stepBytes } from './stepBytes';

type Thrift = NonNullable<RunPlan['thrift']>;

const GIB = 2 ** 30;
/** Of the 4 GiB that a 32-bit memory can have: tensors lie in pieces. */
const MOST_ROOM = 3.5 * GIB;
/** Fewer positions at once would leave the products too small. */
const LEAST_POSITIONS = 64;

/** Bytes that a run may take here: what a 32-bit memory holds, or half of the machine where the browser tells how much it has. */
export function memoryRoom(): number {
  const gigabytes = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory;
  return gigabytes ? Math.min(MOST_ROOM, (gigabytes * GIB) / 2) : MOST_ROOM;
}

/** The step's bytes under a thrift. */
export function thriftyBytes(architecture: Architecture, size: StepSize, thrift: Thrift | null): number {
  const positions = Math.min(size.positions, thrift?.positionsAtOnce ?? size.positions);
  const predicted = (size.predicted * positions) / Math.max(1, size.positions);
  return stepBytes(architecture, { ...size, positions, predicted, recompute: thrift?.recompute ?? false });
}

/**
 * @param room bytes left for the step
 * @returns null where the step fits as it is; the most saving way where nothing fits
 */
export function chooseThrift(architecture: Architecture, size: StepSize, room: number): Thrift | null {
  if (thriftyBytes(architecture, size, null) <= room) return null;
  let thrift: Thrift = { recompute: true, positionsAtOnce: null };
  let positions = size.positions;
  while (thriftyBytes(architecture, size, thrift) > room && positions > LEAST_POSITIONS) {
    positions = Math.ceil(positions / 2);
    thrift = { recompute: true, positionsAtOnce: positions };
  }
  return thrift;
}
