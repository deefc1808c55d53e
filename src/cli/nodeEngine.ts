// The engine for command-line programs: the simd backend with its threads, ready to run every op.
import { env } from '@tensorflow/tfjs-core';
import '../ops/registerSimd';
import { type SimdInfo, startSimd, stopSimd } from '../backend/simd/simd';
import { StudioError } from '../protocol/errors';

export async function startNodeEngine(threads: number | null): Promise<SimdInfo> {
  // tfjs' greeting recommends another backend; nothing else depends on this flag here.
  env().set('PROD', true);
  return startSimd({ threads });
}

export { stopSimd as stopNodeEngine };

/** Runs a command-line program: a refusal is one sentence, not a stack. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof StudioError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    stopSimd();
  }
}
