// AssemblyScript. A list of kernel calls run for rows that do not depend on one another (the rows of a decoding step): every chunk is a
// share of the rows, for which one thread runs the whole list by itself. No barrier between two kernels, and what a chunk writes it
// finds again in its own cache. Each kernel does for its rows what it does for all: the same bits.
//
// The list: number of calls; of every call: kernel, number of arguments, and for each argument three words (value, perFirst, perRow) of
// which value + first row · perFirst + rows · perRow is passed (a pointer, a count or a constant; float32 as its bits).
import { beginAlone, endAlone, getI, getP, parallel, setI, setP } from '../../backend/simd/parallel.as';
import { add } from '../../backend/simd/elementwise.as';
import { attentionCached } from '../attentionCached/attentionCached.as';
import { embedding } from '../embedding/embedding.as';
import { gemm } from '../gemm/gemm.as';
import { rmsNorm } from '../rmsNorm/rmsNorm.as';
import { rotary } from '../rotary/rotary.as';
import { sampleTokens } from '../sampleTokens/sampleTokens.as';
import { swiglu } from '../swiglu/swiglu.as';

// @ts-ignore: decorator
@inline function i(args: usize, k: usize): i32 { return load<i32>(args + (k << 2)); }
// @ts-ignore: decorator
@inline function p(args: usize, k: usize): usize { return load<usize>(args + (k << 2)); }
// @ts-ignore: decorator
@inline function f(args: usize, k: usize): f32 { return load<f32>(args + (k << 2)); }

/** The numbers of the kernels are those of ROW_KERNELS in rowProgram.simd.ts. */
function call(kernel: i32, a: usize): void {
  switch (kernel) {
    case 0: add(i(a, 0), p(a, 1), p(a, 2), p(a, 3)); return;
    case 1: embedding(i(a, 0), i(a, 1), i(a, 2), p(a, 3), p(a, 4), p(a, 5)); return;
    case 2: rmsNorm(i(a, 0), i(a, 1), f(a, 2), p(a, 3), p(a, 4), p(a, 5)); return;
    case 3: rotary(i(a, 0), i(a, 1), i(a, 2), i(a, 3), f(a, 4), p(a, 5), p(a, 6), p(a, 7), p(a, 8), p(a, 9)); return;
    case 4: swiglu(i(a, 0), p(a, 1), p(a, 2), p(a, 3)); return;
    case 5:
      gemm(
        i(a, 0), i(a, 1), i(a, 2), p(a, 3), i(a, 4), i(a, 5), p(a, 6), i(a, 7), i(a, 8), f(a, 9), p(a, 10), i(a, 11), p(a, 12), i(a, 13),
        i(a, 14), p(a, 15), p(a, 16), f(a, 17), p(a, 18), p(a, 19), p(a, 20), p(a, 21),
      );
      return;
    case 6:
      attentionCached(
        i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), f(a, 5), i(a, 6), i(a, 7), i(a, 8), p(a, 9), p(a, 10), p(a, 11), p(a, 12), p(a, 13),
        p(a, 14), p(a, 15),
      );
      return;
    case 7:
      // topP as float64 takes two places.
      sampleTokens(
        i(a, 0), i(a, 1), i(a, 2), i(a, 3), load<f64>(a + 16), f(a, 6), i(a, 7), p(a, 8), p(a, 9), p(a, 10), p(a, 11), p(a, 12),
      );
      return;
    default: unreachable();
  }
}

function rowsChunk(chunk: i32, scratch: usize): void {
  let at = getP(0);
  const rows = getI(1), chunks = getI(2);
  const first = chunk * rows / chunks;
  const count = (chunk + 1) * rows / chunks - first;
  const args = beginAlone(scratch);
  let calls = load<i32>(at);
  at += 4;
  for (; calls > 0; calls--) {
    const kernel = load<i32>(at);
    const end = at + 8 + <usize>load<i32>(at, 4) * 12;
    let arg = args;
    for (at += 8; at < end; at += 12, arg += 4) store<i32>(arg, load<i32>(at) + first * load<i32>(at, 4) + count * load<i32>(at, 8));
    call(kernel, args);
  }
  endAlone();
}

/** Runs the list for rows 0 … rows−1 in so many chunks. */
export function runRows(list: usize, rows: i32, chunks: i32): void {
  setP(0, list);
  setI(1, rows);
  setI(2, chunks);
  parallel(rowsChunk, chunks);
}
