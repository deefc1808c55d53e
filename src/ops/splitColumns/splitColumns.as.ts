// AssemblyScript. Copies stretches of columns out of x, or back into it: one part per call.
import { copyBytes } from '../../backend/simd/math.as';
import { getI, getP, parallel, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of stretches, about. */
const CHUNK: i32 = 8192;
const COUNT = 0, TOTAL = 1, FIRST = 2, WIDTH = 3, JOIN = 4, X = 5, PART = 6;

function copyChunk(chunk: i32, scratch: usize): void {
  const width = getI(WIDTH), perChunk = max(1, CHUNK / width), join = getI(JOIN);
  const bytes = <usize>width << 2;
  const end = min(getI(COUNT), (chunk + 1) * perChunk);
  for (let n = chunk * perChunk; n < end; n++) {
    const inX = getP(X) + (<usize>n * <usize>getI(TOTAL) + <usize>getI(FIRST) << 2);
    const inPart = getP(PART) + <usize>n * bytes;
    if (join) copyBytes(inX, inPart, bytes);
    else copyBytes(inPart, inX, bytes);
  }
}

/** Stretch n of the part is columns first … first + width of the n-th `total` columns of x. join: from the part into x. */
export function splitColumns(count: i32, total: i32, first: i32, width: i32, join: i32, x: usize, part: usize): void {
  if (width == 0) return;
  setI(COUNT, count); setI(TOTAL, total); setI(FIRST, first); setI(WIDTH, width); setI(JOIN, join);
  setP(X, x); setP(PART, part);
  const perChunk = max(1, CHUNK / width);
  parallel(copyChunk, (count + perChunk - 1) / perChunk);
}
