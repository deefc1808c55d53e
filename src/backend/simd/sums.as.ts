// AssemblyScript. Sums of the rows or of the columns of a matrix. 64 terms in float32, then float64: a sum over a batch
// (the gradient of a bias) is as exact as one number can be, and does not depend on the threads.
import { sumLanes } from './math.as';
import { getI, getP, parallel, setI, setP } from './parallel.as';

const BLOCK: i32 = 64;
/** Columns per chunk: whole cache lines. */
const COLUMNS: i32 = 32;
/** Elements per chunk of rows, about. */
const CHUNK: i32 = 16384;

/** Scratch: COLUMNS float32 sums of a block, then COLUMNS float64 totals. */
function columnChunk(chunk: i32, scratch: usize): void {
  const rows = getI(0);
  const width = getI(1);
  const first = chunk * COLUMNS;
  const columns = min(COLUMNS, width - first);
  const x = getP(2) + (<usize>first << 2);
  const totals = scratch + (<usize>COLUMNS << 2);
  for (let i = 0; i < columns; i++) store<f64>(totals + (<usize>i << 3), 0);
  for (let block = 0; block < rows; block += BLOCK) {
    for (let i = 0; i < COLUMNS; i += 4) v128.store(scratch + (<usize>i << 2), f32x4.splat(0));
    const end = min(rows, block + BLOCK);
    for (let row = block; row < end; row++) {
      const from = x + ((<usize>row * <usize>width) << 2);
      let i = 0;
      for (; i + 4 <= columns; i += 4) {
        const at = <usize>i << 2;
        v128.store(scratch + at, f32x4.add(v128.load(scratch + at), v128.load(from + at)));
      }
      for (; i < columns; i++) {
        const at = <usize>i << 2;
        store<f32>(scratch + at, load<f32>(scratch + at) + load<f32>(from + at));
      }
    }
    for (let i = 0; i < columns; i++) {
      const total = totals + (<usize>i << 3);
      store<f64>(total, load<f64>(total) + <f64>load<f32>(scratch + (<usize>i << 2)));
    }
  }
  const out = getP(3) + (<usize>first << 2);
  for (let i = 0; i < columns; i++) store<f32>(out + (<usize>i << 2), <f32>load<f64>(totals + (<usize>i << 3)));
}

/** x [rows, width]; out [width] */
export function sumColumns(rows: i32, width: i32, x: usize, out: usize): void {
  setI(0, rows);
  setI(1, width);
  setP(2, x);
  setP(3, out);
  parallel(columnChunk, (width + COLUMNS - 1) / COLUMNS);
}

function rowSum(x: usize, n: i32): f32 {
  let total: f64 = 0;
  for (let block = 0; block < n; block += BLOCK * 4) {
    const end = min(n, block + BLOCK * 4);
    let sum = f32x4.splat(0);
    let i = block;
    for (; i + 4 <= end; i += 4) sum = f32x4.add(sum, v128.load(x + (<usize>i << 2)));
    total += <f64>sumLanes(sum);
    for (; i < end; i++) total += <f64>load<f32>(x + (<usize>i << 2));
  }
  return <f32>total;
}

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

function rowChunk(chunk: i32, scratch: usize): void {
  const width = getI(1);
  const first = chunk * rowsPerChunk(width);
  const end = min(getI(0), first + rowsPerChunk(width));
  for (let row = first; row < end; row++) {
    store<f32>(getP(3) + (<usize>row << 2), rowSum(getP(2) + ((<usize>row * <usize>width) << 2), width));
  }
}

/** x [rows, width]; out [rows] */
export function sumRows(rows: i32, width: i32, x: usize, out: usize): void {
  setI(0, rows);
  setI(1, width);
  setP(2, x);
  setP(3, out);
  parallel(rowChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}
