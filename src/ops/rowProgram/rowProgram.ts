// A step over rows that do not depend on one another (a token for every row of a batch), recorded once and run again in one call.
// Whatever the step's inputs hold is read anew each time; everything else it used (weights, a cache, settings) is what it was.
// Where a backend cannot do that, or the step does something it cannot repeat, the step runs as always and there is no program.
import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** A recorded step for up to `capacity` rows, in memory of its own. */
export interface RowProgram {
  /** Runs the step for the first `rows` rows of these values, laid out like the inputs. @returns copies of the outputs' values */
  run(rows: number, inputs: readonly Int32Array[]): (Float32Array | Int32Array)[];
  dispose(): void;
}

export interface RecordedStep {
  outputs: Tensor[];
  program: RowProgram | null;
}

/**
 * @param rows the first dimension of every input and output, and of everything between them
 * @param capacity rows that the program can be run for
 */
type Recorder = (rows: number, capacity: number, inputs: readonly Tensor[], step: () => Tensor[]) => RecordedStep;

const recorders = new Map<string, Recorder>();

/** Called by the file that knows a backend. */
export function registerRowRecorder(backendName: string, recorder: Recorder): void {
  recorders.set(backendName, recorder);
}

/** Runs `step` now, and records it where that can be done. @param inputs int32, [rows, …] */
export function recordRows(
  rows: number,
  capacity: number,
  inputs: readonly Tensor[],
  step: () => Tensor[],
): RecordedStep {
  const recorder = recorders.get(engine().backendName);
  return recorder ? recorder(rows, capacity, inputs, step) : { outputs: step(), program: null };
}
