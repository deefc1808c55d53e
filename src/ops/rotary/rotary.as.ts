// AssemblyScript. Rotary embedding: pairs (x[i], x[i + half]) of every head turned by a table of cos and sin.
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of rows, about. */
const CHUNK: i32 = 8192;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

function rotaryChunk(chunk: i32, scratch: usize): void {
  const rows = getI(0);
  const heads = getI(1);
  const headDim = getI(2);
  const half = getI(3);
  const direction = getF(4);
  const direction4 = f32x4.splat(direction);
  const width = heads * headDim;
  const first = chunk * rowsPerChunk(width);
  const end = min(rows, first + rowsPerChunk(width));
  const toSecond = <usize>half << 2;
  for (let n = first; n < end; n++) {
    const angle = <usize>(load<i32>(getP(6) + (<usize>n << 2)) * half) << 2;
    const cos = getP(7) + angle;
    const sin = getP(8) + angle;
    for (let h = 0; h < heads; h++) {
      const offset = (<usize>n * <usize>width + <usize>(h * headDim)) << 2;
      const x = getP(5) + offset;
      const y = getP(9) + offset;
      let i = 0;
      for (; i + 4 <= half; i += 4) {
        const at = <usize>i << 2;
        const c = v128.load(cos + at);
        const s = f32x4.mul(v128.load(sin + at), direction4);
        const a = v128.load(x + at);
        const b = v128.load(x + toSecond + at);
        v128.store(y + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(y + toSecond + at, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; i < half; i++) {
        const at = <usize>i << 2;
        const c = load<f32>(cos + at);
        const s = load<f32>(sin + at) * direction;
        const a = load<f32>(x + at);
        const b = load<f32>(x + toSecond + at);
        store<f32>(y + at, a * c - b * s);
        store<f32>(y + toSecond + at, b * c + a * s);
      }
      // Dimensions beyond 2·half pass through.
      const rest = headDim - 2 * half;
      if (rest > 0) memory.copy(y + 2 * toSecond, x + 2 * toSecond, <usize>rest << 2);
    }
  }
}

/** direction 1, or −1 for the inverse. positions [rows] int32; cos, sin [P, half]; x, y [rows, heads·headDim] */
export function rotary(
  rows: i32, heads: i32, headDim: i32, half: i32, direction: f32,
  x: usize, positions: usize, cos: usize, sin: usize, y: usize,
): void {
  setI(0, rows);
  setI(1, heads);
  setI(2, headDim);
  setI(3, half);
  setF(4, direction);
  setP(5, x);
  setP(6, positions);
  setP(7, cos);
  setP(8, sin);
  setP(9, y);
  const perChunk = rowsPerChunk(heads * headDim);
  parallel(rotaryChunk, (rows + perChunk - 1) / perChunk);
}
