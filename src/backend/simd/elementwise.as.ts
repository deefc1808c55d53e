// AssemblyScript. The elementwise operations that are hot in training: adding (residuals, gradients of the tape) and filling.
import { getF, getI, getP, parallel, setF, setI, setP } from './parallel.as';

/** Elements per chunk: 64 KiB of floats, some microseconds of work. */
const CHUNK: i32 = 16384;

// @ts-ignore: decorator
@inline function chunksOf(n: i32): i32 { return (n + CHUNK - 1) / CHUNK; }

function addChunk(chunk: i32, scratch: usize): void {
  const first = <usize>(chunk * CHUNK) << 2;
  const n = min(CHUNK, getI(0) - chunk * CHUNK);
  const a = getP(1) + first;
  const b = getP(2) + first;
  const out = getP(3) + first;
  const end = <usize>n << 2;
  const endOfFours = <usize>(n & ~3) << 2;
  let i: usize = 0;
  for (; i < endOfFours; i += 16) v128.store(out + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  for (; i < end; i += 4) store<f32>(out + i, load<f32>(a + i) + load<f32>(b + i));
}

/** out = a + b, n floats; out may be a or b. */
export function add(n: i32, a: usize, b: usize, out: usize): void {
  setI(0, n);
  setP(1, a);
  setP(2, b);
  setP(3, out);
  parallel(addChunk, chunksOf(n));
}

function fillChunk(chunk: i32, scratch: usize): void {
  const n = min(CHUNK, getI(0) - chunk * CHUNK);
  const out = getP(1) + (<usize>(chunk * CHUNK) << 2);
  const value = f32x4.splat(getF(2));
  const end = <usize>n << 2;
  const endOfFours = <usize>(n & ~3) << 2;
  let i: usize = 0;
  for (; i < endOfFours; i += 16) v128.store(out + i, value);
  for (; i < end; i += 4) store<f32>(out + i, getF(2));
}

/** n floats of one value. */
export function fill(n: i32, out: usize, value: f32): void {
  setI(0, n);
  setP(1, out);
  setF(2, value);
  parallel(fillChunk, chunksOf(n));
}
