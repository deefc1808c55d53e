// AssemblyScript. LayerNorm and its gradients. One row is small (a few cache lines): rows are read again, not kept.
import { fma, sumLanes } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of rows, about. */
const CHUNK: i32 = 8192;
/** Rows whose share of the weight's gradient is summed together. Fixed, so that the bits do not depend on the threads. */
const ROWS: i32 = 64;

const COUNT = 0, WIDTH = 1, EPS = 2, X = 3, WEIGHT = 4, BIAS = 5, DY = 6, OUT = 7;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

/** Of the row that this thread is at: its mean, and 1/√(variance + eps). */
let mean: f32 = 0, inverse: f32 = 0;

function readRow(x: usize, width: i32, eps: f32): void {
  let sum = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= width; i += 4) sum = f32x4.add(sum, v128.load(x + (<usize>i << 2)));
  let total = sumLanes(sum);
  for (; i < width; i++) total += load<f32>(x + (<usize>i << 2));
  mean = total / <f32>width;
  const mean4 = f32x4.splat(mean);
  let squares = f32x4.splat(0);
  for (i = 0; i + 4 <= width; i += 4) {
    const off = f32x4.sub(v128.load(x + (<usize>i << 2)), mean4);
    squares = fma(off, off, squares);
  }
  total = sumLanes(squares);
  for (; i < width; i++) {
    const off = load<f32>(x + (<usize>i << 2)) - mean;
    total += off * off;
  }
  inverse = <f32>(1.0 / sqrt<f64>(<f64>total / <f64>width + <f64>eps));
}

function forwardChunk(chunk: i32, scratch: usize): void {
  const width = getI(WIDTH), weight = getP(WEIGHT), bias = getP(BIAS);
  const end = min(getI(COUNT), (chunk + 1) * rowsPerChunk(width));
  for (let n = chunk * rowsPerChunk(width); n < end; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(X) + offset, y = getP(OUT) + offset;
    readRow(x, width, getF(EPS));
    const mean4 = f32x4.splat(mean), inverse4 = f32x4.splat(inverse);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      const hat = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), inverse4);
      v128.store(y + at, fma(hat, v128.load(weight + at), v128.load(bias + at)));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      store<f32>(y + at, (load<f32>(x + at) - mean) * inverse * load<f32>(weight + at) + load<f32>(bias + at));
    }
  }
}

/** x, y [rows, width]; weight, bias [width] */
export function layerNorm(rows: i32, width: i32, eps: f32, x: usize, weight: usize, bias: usize, y: usize): void {
  setI(COUNT, rows); setI(WIDTH, width); setF(EPS, eps);
  setP(X, x); setP(WEIGHT, weight); setP(BIAS, bias); setP(OUT, y);
  parallel(forwardChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

function gradInputChunk(chunk: i32, scratch: usize): void {
  const width = getI(WIDTH), weight = getP(WEIGHT);
  const end = min(getI(COUNT), (chunk + 1) * rowsPerChunk(width));
  for (let n = chunk * rowsPerChunk(width); n < end; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(X) + offset, dy = getP(DY) + offset, dx = getP(OUT) + offset;
    readRow(x, width, getF(EPS));
    const mean4 = f32x4.splat(mean), inverse4 = f32x4.splat(inverse);
    // dx holds g = dy·weight for a moment.
    let plain4 = f32x4.splat(0), along4 = f32x4.splat(0);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      const g = f32x4.mul(v128.load(dy + at), v128.load(weight + at));
      plain4 = f32x4.add(plain4, g);
      along4 = fma(g, f32x4.mul(f32x4.sub(v128.load(x + at), mean4), inverse4), along4);
      v128.store(dx + at, g);
    }
    let plain = sumLanes(plain4), along = sumLanes(along4);
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const g = load<f32>(dy + at) * load<f32>(weight + at);
      plain += g;
      along += g * ((load<f32>(x + at) - mean) * inverse);
      store<f32>(dx + at, g);
    }
    plain /= <f32>width;
    along /= <f32>width;
    plain4 = f32x4.splat(plain);
    along4 = f32x4.splat(along);
    for (i = 0; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      const hat = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), inverse4);
      v128.store(dx + at, f32x4.mul(inverse4, f32x4.sub(f32x4.sub(v128.load(dx + at), plain4), f32x4.mul(hat, along4))));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const hat = (load<f32>(x + at) - mean) * inverse;
      store<f32>(dx + at, inverse * (load<f32>(dx + at) - plain - hat * along));
    }
  }
}

export function layerNormGradInput(rows: i32, width: i32, eps: f32, x: usize, weight: usize, dy: usize, dx: usize): void {
  setI(COUNT, rows); setI(WIDTH, width); setF(EPS, eps);
  setP(X, x); setP(WEIGHT, weight); setP(DY, dy); setP(OUT, dx);
  parallel(gradInputChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

/** Sums of dy·x̂ over the chunk's rows. */
function gradWeightChunk(chunk: i32, scratch: usize): void {
  const width = getI(WIDTH), bytes = <usize>width << 2;
  const partial = getP(OUT) + <usize>chunk * bytes;
  memory.fill(partial, 0, bytes);
  const end = min(getI(COUNT), (chunk + 1) * ROWS);
  for (let n = chunk * ROWS; n < end; n++) {
    const x = getP(X) + <usize>n * bytes, dy = getP(DY) + <usize>n * bytes;
    readRow(x, width, getF(EPS));
    const mean4 = f32x4.splat(mean), inverse4 = f32x4.splat(inverse);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      const hat = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), inverse4);
      v128.store(partial + at, fma(v128.load(dy + at), hat, v128.load(partial + at)));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      store<f32>(partial + at, load<f32>(partial + at) + load<f32>(dy + at) * ((load<f32>(x + at) - mean) * inverse));
    }
  }
}

/** How many floats `partials` must have: a row for every 64 rows of x. */
export function layerNormPartials(rows: i32, width: i32): i32 { return (rows + ROWS - 1) / ROWS * width; }

/** dWeight [width]: 64 rows at a time, then the sums in order. */
export function layerNormGradWeight(
  rows: i32, width: i32, eps: f32, x: usize, dy: usize, partials: usize, dWeight: usize,
): void {
  const chunks = (rows + ROWS - 1) / ROWS;
  setI(COUNT, rows); setI(WIDTH, width); setF(EPS, eps);
  setP(X, x); setP(DY, dy); setP(OUT, partials);
  parallel(gradWeightChunk, chunks);
  for (let i = 0; i < width; i++) {
    let total: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) total += <f64>load<f32>(partials + (<usize>(chunk * width + i) << 2));
    store<f32>(dWeight + (<usize>i << 2), <f32>total);
  }
}
