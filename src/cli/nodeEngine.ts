// The engine for command-line programs: the simd backend with its threads, ready to run every op.
import '../ops/registerSimd';
import { type SimdInfo, startSimd, stopSimd } from '../backend/simd/simd';

export async function startNodeEngine(threads: number | null): Promise<SimdInfo> {
  return startSimd({ threads });
}

export { stopSimd as stopNodeEngine };
