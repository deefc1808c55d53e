// AssemblyScript. Rows of a table in blocks by index, unpacked. An index outside the table means row 0, as on every backend.
import { getI, getP, parallel, setI, setP } from '../../backend/simd/parallel.as';
import { unpack } from '../quantLinear/blocks.as';

/** Numbers per chunk of rows, about. */
const CHUNK: i32 = 16384;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

function rowsChunk(chunk: i32, scratch: usize): void {
  const width = getI(2), first = chunk * rowsPerChunk(width), end = min(getI(0), first + rowsPerChunk(width));
  for (let n = first; n < end; n++) {
    const id = load<u32>(getP(6) + (<usize>n << 2)), row = id < <u32>getI(1) ? <usize>id : 0;
    unpack(getI(3), getP(4) + row * getP(5), width, getP(7) + (<usize>(n * width) << 2));
  }
}

/** Table [rows, width] in blocks of `type`, its rows `rowBytes` apart; ids [count] int32; y [count, width] float32. */
export function quantEmbedding(count: i32, rows: i32, width: i32, type: i32, table: usize, rowBytes: i32, ids: usize, y: usize): void {
  setI(0, count);
  setI(1, rows);
  setI(2, width);
  setI(3, type);
  setP(4, table);
  setP(5, <usize>rowBytes);
  setP(6, ids);
  setP(7, y);
  parallel(rowsChunk, (count + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}
