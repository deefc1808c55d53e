// Half-precision numbers by table: what a block's scales are read with, a million times per model.
import { float16ToFloat32 } from '../float16';

let table: Float32Array | null = null;

/** All 65,536 of them by their bits (256 KiB, made on first use). */
export function halfTable(): Float32Array {
  if (!table) table = Float32Array.from({ length: 65536 }, (_, bits) => float16ToFloat32(bits));
  return table;
}

/** The one at this byte. */
export const half = (view: DataView, at: number): number => halfTable()[view.getUint16(at, true)];
