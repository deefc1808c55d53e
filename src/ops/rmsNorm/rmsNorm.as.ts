// AssemblyScript. RMSNorm and its gradients. One row is small (a few cache lines): rows are read twice, not kept.
import { fma, sumLanes } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of rows, about. */
const CHUNK: i32 = 8192;
/** Rows whose share of the weight's gradient is summed together. Fixed, so that the bits do not depend on the threads. */
const ROWS: i32 = 64;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

/** Σ a·b over n floats. */
// @ts-ignore: decorator
@inline function dot(a: usize, b: usize, n: i32): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = <usize>i << 2;
    even = fma(v128.load(a + at), v128.load(b + at), even);
    odd = fma(v128.load(a + at, 16), v128.load(b + at, 16), odd);
  }
  let total = sumLanes(f32x4.add(even, odd));
  for (; i < n; i++) total += load<f32>(a + (<usize>i << 2)) * load<f32>(b + (<usize>i << 2));
  return total;
}

/** 1 / sqrt(mean(x²) + eps) of one row. */
// @ts-ignore: decorator
@inline function inverseRms(x: usize, width: i32, eps: f32): f32 {
  return <f32>(1.0 / sqrt<f64>(<f64>dot(x, x, width) / <f64>width + <f64>eps));
}

function forwardChunk(chunk: i32, scratch: usize): void {
  const width = getI(1);
  const weight = getP(4);
  const first = chunk * rowsPerChunk(width);
  const end = min(getI(0), first + rowsPerChunk(width));
  for (let n = first; n < end; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(3) + offset;
    const y = getP(5) + offset;
    const r = inverseRms(x, width, getF(2));
    const r4 = f32x4.splat(r);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), r4), v128.load(weight + at)));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      store<f32>(y + at, load<f32>(x + at) * r * load<f32>(weight + at));
    }
  }
}

/** x, y [rows, width]; weight [width] */
export function rmsNorm(rows: i32, width: i32, eps: f32, x: usize, weight: usize, y: usize): void {
  setI(0, rows);
  setI(1, width);
  setF(2, eps);
  setP(3, x);
  setP(4, weight);
  setP(5, y);
  parallel(forwardChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

function gradInputChunk(chunk: i32, scratch: usize): void {
  const width = getI(1);
  const weight = getP(4);
  const first = chunk * rowsPerChunk(width);
  const end = min(getI(0), first + rowsPerChunk(width));
  for (let n = first; n < end; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(3) + offset;
    const dy = getP(5) + offset;
    const dx = getP(6) + offset;
    const r = inverseRms(x, width, getF(2));
    // dx holds g = dy·weight for a moment.
    let sum = f32x4.splat(0);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      const g = f32x4.mul(v128.load(dy + at), v128.load(weight + at));
      sum = fma(g, v128.load(x + at), sum);
      v128.store(dx + at, g);
    }
    let total = sumLanes(sum);
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const g = load<f32>(dy + at) * load<f32>(weight + at);
      total += g * load<f32>(x + at);
      store<f32>(dx + at, g);
    }
    // r·g − x·r³·mean(g·x); r² may overflow before the mean makes it small again, so the factors are taken one by one.
    const pull = total / <f32>width * r * r;
    const r4 = f32x4.splat(r);
    const pull4 = f32x4.splat(pull);
    for (i = 0; i + 4 <= width; i += 4) {
      const at = <usize>i << 2;
      v128.store(dx + at, f32x4.mul(r4, f32x4.sub(v128.load(dx + at), f32x4.mul(v128.load(x + at), pull4))));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      store<f32>(dx + at, r * (load<f32>(dx + at) - load<f32>(x + at) * pull));
    }
  }
}

export function rmsNormGradInput(
  rows: i32, width: i32, eps: f32, x: usize, weight: usize, dy: usize, dx: usize,
): void {
  setI(0, rows);
  setI(1, width);
  setF(2, eps);
  setP(3, x);
  setP(4, weight);
  setP(5, dy);
  setP(6, dx);
  parallel(gradInputChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

/** out += factor·a·b, n floats. */
// @ts-ignore: decorator
@inline function addProduct(out: usize, factor: f32, a: usize, b: usize, n: i32): void {
  const factor4 = f32x4.splat(factor);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    v128.store(out + at, fma(f32x4.mul(v128.load(a + at), factor4), v128.load(b + at), v128.load(out + at)));
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    store<f32>(out + at, load<f32>(out + at) + load<f32>(a + at) * factor * load<f32>(b + at));
  }
}

function gradWeightChunk(chunk: i32, scratch: usize): void {
  const width = getI(1);
  const partial = getP(5) + (<usize>chunk * <usize>width << 2);
  memory.fill(partial, 0, <usize>width << 2);
  const end = min(getI(0), (chunk + 1) * ROWS);
  for (let n = chunk * ROWS; n < end; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(3) + offset;
    addProduct(partial, inverseRms(x, width, getF(2)), x, getP(4) + offset, width);
  }
}

/** How many floats `partials` must have: a row for every 64 rows of x. */
export function rmsNormPartials(rows: i32, width: i32): i32 { return (rows + ROWS - 1) / ROWS * width; }

/** dWeight [width] = Σ over rows of dy·x/rms, 64 rows at a time, then the sums in order. */
export function rmsNormGradWeight(
  rows: i32, width: i32, eps: f32, x: usize, dy: usize, partials: usize, dWeight: usize,
): void {
  const chunks = (rows + ROWS - 1) / ROWS;
  setI(0, rows);
  setI(1, width);
  setF(2, eps);
  setP(3, x);
  setP(4, dy);
  setP(5, partials);
  parallel(gradWeightChunk, chunks);
  for (let i = 0; i < width; i++) {
    let total: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) total += <f64>load<f32>(partials + (<usize>(chunk * width + i) << 2));
    store<f32>(dWeight + (<usize>i << 2), <f32>total);
  }
}
