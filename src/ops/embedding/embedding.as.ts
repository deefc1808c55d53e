// AssemblyScript. Rows copied by index, and added back. An index outside the table means row 0, as on every backend.
import { fill } from '../../backend/simd/elementwise.as';
import { getI, getP, parallel, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of rows, about. */
const CHUNK: i32 = 16384;
/** Columns per chunk of the gradient: whole cache lines, so that two threads never write to the same one. */
const COLUMNS: i32 = 32;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

// @ts-ignore: decorator
@inline function rowAt(ids: usize, n: i32, rows: i32): usize {
  const id = load<u32>(ids + (<usize>n << 2));
  return id < <u32>rows ? <usize>id : 0;
}

function forwardChunk(chunk: i32, scratch: usize): void {
  const width = getI(2);
  const bytes = <usize>width << 2;
  const first = chunk * rowsPerChunk(width);
  const end = min(getI(0), first + rowsPerChunk(width));
  for (let n = first; n < end; n++) {
    memory.copy(getP(5) + <usize>n * bytes, getP(3) + rowAt(getP(4), n, getI(1)) * bytes, bytes);
  }
}

/** table [rows, width]; ids [count] int32; y [count, width] */
export function embedding(count: i32, rows: i32, width: i32, table: usize, ids: usize, y: usize): void {
  setI(0, count);
  setI(1, rows);
  setI(2, width);
  setP(3, table);
  setP(4, ids);
  setP(5, y);
  parallel(forwardChunk, (count + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

/** Each chunk has some columns to itself and adds all rows in the order of the ids. */
function gradChunk(chunk: i32, scratch: usize): void {
  const count = getI(0);
  const rows = getI(1);
  const width = getI(2);
  const ids = getP(3);
  const first = <usize>(chunk * COLUMNS) << 2;
  const columns = min(COLUMNS, width - chunk * COLUMNS);
  const bytes = <usize>width << 2;
  for (let n = 0; n < count; n++) {
    const dy = getP(4) + <usize>n * bytes + first;
    const out = getP(5) + rowAt(ids, n, rows) * bytes + first;
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      const at = <usize>i << 2;
      v128.store(out + at, f32x4.add(v128.load(out + at), v128.load(dy + at)));
    }
    for (; i < columns; i++) {
      const at = <usize>i << 2;
      store<f32>(out + at, load<f32>(out + at) + load<f32>(dy + at));
    }
  }
}

/** dy [count, width]; dTable [rows, width] */
export function embeddingGrad(count: i32, rows: i32, width: i32, ids: usize, dy: usize, dTable: usize): void {
  fill(rows * width, dTable, 0);
  setI(0, count);
  setI(1, rows);
  setI(2, width);
  setP(3, ids);
  setP(4, dy);
  setP(5, dTable);
  parallel(gradChunk, (width + COLUMNS - 1) / COLUMNS);
}
