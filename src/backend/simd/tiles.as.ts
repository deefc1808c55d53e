// AssemblyScript. The innermost part of every matrix product: C tiles of 6 rows × 8 columns held in 12 registers.
// V8 leaves 15 of the 16 XMM registers to WASM: 12 sums + 2 of B + 1 broadcast of A. Unrolling k makes V8 spill; measured
// on a 2-core Zen 5: 6×8 reaches 0.98 of the FMA peak from L1, 4×8 0.91, 4×12 0.78 (see docs/performance.md).
//
// Junk rule: at the edges the kernels read past the last row's or column's valid part (never past the last ROW, which is
// clamped) and compute junk that is not stored. The heap keeps a margin behind the last block so that this cannot trap.
import { fma } from './math.as';

/** Rows and columns of a tile. */
export const MR: i32 = 6;
export const NR: i32 = 8;
/** Bytes of a tile, for the edge buffer. */
export const TILE_BYTES: usize = 192;

/**
 * A by rows: element (i, k) at a + i·lda + 4k. B: row k at b + k·ldb, 8 columns. C = init + A·B.
 * `rows` ≤ 6 clamps the rows that are read; all 6 are written to c. Strides in bytes.
 */
function tileOfRows(
  k: i32, rows: i32, a: usize, lda: usize, b: usize, ldb: usize, init: usize, ldi: usize, c: usize, ldc: usize,
): void {
  const last = <usize>(rows - 1);
  const i1 = min<usize>(1, last), i2 = min<usize>(2, last), i3 = min<usize>(3, last), i4 = min<usize>(4, last), i5 = min<usize>(5, last);
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  let c10 = v128.load(init + i1 * ldi), c11 = v128.load(init + i1 * ldi, 16);
  let c20 = v128.load(init + i2 * ldi), c21 = v128.load(init + i2 * ldi, 16);
  let c30 = v128.load(init + i3 * ldi), c31 = v128.load(init + i3 * ldi, 16);
  let c40 = v128.load(init + i4 * ldi), c41 = v128.load(init + i4 * ldi, 16);
  let c50 = v128.load(init + i5 * ldi), c51 = v128.load(init + i5 * ldi, 16);
  let a1 = a + i1 * lda, a2 = a + i2 * lda, a3 = a + i3 * lda, a4 = a + i4 * lda, a5 = a + i5 * lda;
  const end = a + (<usize>k << 2);
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load_splat<f32>(a1);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load_splat<f32>(a2);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load_splat<f32>(a3);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
    x = v128.load_splat<f32>(a4);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41);
    x = v128.load_splat<f32>(a5);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    b += ldb;
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16); c += ldc;
  v128.store(c, c50); v128.store(c, c51, 16);
}

/** tileOfRows with 4 rows: what is left of a block is better filled by 4 + 4 than by 6 + 2 (0.91 of the peak beside 0.99). */
function tileOfFourRows(
  k: i32, rows: i32, a: usize, lda: usize, b: usize, ldb: usize, init: usize, ldi: usize, c: usize, ldc: usize,
): void {
  const last = <usize>(rows - 1);
  const i1 = min<usize>(1, last), i2 = min<usize>(2, last), i3 = min<usize>(3, last);
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  let c10 = v128.load(init + i1 * ldi), c11 = v128.load(init + i1 * ldi, 16);
  let c20 = v128.load(init + i2 * ldi), c21 = v128.load(init + i2 * ldi, 16);
  let c30 = v128.load(init + i3 * ldi), c31 = v128.load(init + i3 * ldi, 16);
  let a1 = a + i1 * lda, a2 = a + i2 * lda, a3 = a + i3 * lda;
  const end = a + (<usize>k << 2);
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load_splat<f32>(a1);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load_splat<f32>(a2);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load_splat<f32>(a3);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
    a += 4; a1 += 4; a2 += 4; a3 += 4;
    b += ldb;
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16);
}

/** A by columns: element (i, k) at a + k·lda + 4i (packed: lda = 24, or a transposed matrix as it lies). Else as above. */
function tileOfColumns(
  k: i32, rows: i32, a: usize, lda: usize, b: usize, ldb: usize, init: usize, ldi: usize, c: usize, ldc: usize,
): void {
  const last = <usize>(rows - 1);
  const i1 = min<usize>(1, last), i2 = min<usize>(2, last), i3 = min<usize>(3, last), i4 = min<usize>(4, last), i5 = min<usize>(5, last);
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  let c10 = v128.load(init + i1 * ldi), c11 = v128.load(init + i1 * ldi, 16);
  let c20 = v128.load(init + i2 * ldi), c21 = v128.load(init + i2 * ldi, 16);
  let c30 = v128.load(init + i3 * ldi), c31 = v128.load(init + i3 * ldi, 16);
  let c40 = v128.load(init + i4 * ldi), c41 = v128.load(init + i4 * ldi, 16);
  let c50 = v128.load(init + i5 * ldi), c51 = v128.load(init + i5 * ldi, 16);
  for (let n = k; n > 0; n--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load_splat<f32>(a, 12);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
    x = v128.load_splat<f32>(a, 16);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41);
    x = v128.load_splat<f32>(a, 20);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += lda;
    b += ldb;
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16); c += ldc;
  v128.store(c, c50); v128.store(c, c51, 16);
}

/** Copies the valid part of an edge tile. */
function copyTile(from: usize, rows: i32, cols: i32, c: usize, ldc: usize): void {
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < <usize>cols; j++) store<f32>(c + (j << 2), load<f32>(from + (j << 2)));
    from += 32;
    c += ldc;
  }
}

/**
 * C [rows × cols] = init + A·B over k, tile by tile; a panel of 8 columns of B stays in the L1 cache while A passes by.
 * @param byRows A's layout; aStep bytes between panels of 6 rows, bStep bytes between panels of 8 columns
 * @param init where the sums begin: C itself (ldi = ldc, iStep = 32), a bias (0, 32), ZEROS (0, 0)
 * @param edge TILE_BYTES of scratch
 */
export function multiplyBlock(
  rows: i32, cols: i32, k: i32, byRows: bool, a: usize, aStep: usize, lda: usize, b: usize, bStep: usize, ldb: usize,
  init: usize, ldi: usize, iStep: usize, c: usize, ldc: usize, edge: usize,
): void {
  // Rows at the end that are taken by fours: 1 to 4, 7 or 8. Packed panels are six wide.
  const rest = rows % MR;
  const sixless = !byRows || rest == 0 || rest == 5 ? 0 : rest > 2 || rows < MR ? rest : rest + MR;
  for (let j = 0; j < cols; j += NR) {
    const n = min(NR, cols - j);
    let aPanel = a, initTile = init, cTile = c;
    let i = 0;
    for (; i < rows - sixless; i += MR) {
      const m = min(MR, rows - i);
      const whole = m == MR && n == NR;
      const target = whole ? cTile : edge;
      const ldt = whole ? ldc : 32;
      if (byRows) tileOfRows(k, m, aPanel, lda, b, ldb, initTile, ldi, target, ldt);
      else tileOfColumns(k, m, aPanel, lda, b, ldb, initTile, ldi, target, ldt);
      if (!whole) copyTile(edge, m, n, cTile, ldc);
      aPanel += aStep;
      initTile += <usize>MR * ldi;
      cTile += <usize>MR * ldc;
    }
    for (; i < rows; i += 4) {
      const m = min(4, rows - i);
      const whole = m == 4 && n == NR;
      tileOfFourRows(k, m, aPanel, lda, b, ldb, initTile, ldi, whole ? cTile : edge, whole ? ldc : 32);
      if (!whole) copyTile(edge, m, n, cTile, ldc);
      aPanel += lda << 2;
      initTile += ldi << 2;
      cTile += ldc << 2;
    }
    b += bStep;
    init += iStep;
    c += 32;
  }
}

// @ts-ignore: decorator
@inline export function lowPairs(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23); }
// @ts-ignore: decorator
@inline export function highPairs(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31); }
// @ts-ignore: decorator
@inline export function lowHalves(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23); }
// @ts-ignore: decorator
@inline export function highHalves(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31); }

/** Four rows, four elements each, transposed into out + 0, 32, 64, 96 (half a panel of B). */
// @ts-ignore: decorator
@inline function transposeFour(r0: usize, r1: usize, r2: usize, r3: usize, out: usize, alpha: v128): void {
  const x0 = v128.load(r0), x1 = v128.load(r1), x2 = v128.load(r2), x3 = v128.load(r3);
  const l01 = lowPairs(x0, x1), h01 = highPairs(x0, x1), l23 = lowPairs(x2, x3), h23 = highPairs(x2, x3);
  v128.store(out, f32x4.mul(alpha, lowHalves(l01, l23)));
  v128.store(out, f32x4.mul(alpha, highHalves(l01, l23)), 32);
  v128.store(out, f32x4.mul(alpha, lowHalves(h01, h23)), 64);
  v128.store(out, f32x4.mul(alpha, highHalves(h01, h23)), 96);
}

/**
 * One panel of B out of a transposed matrix: out[k][j] = alpha · b[j][k], j < 8 (rows beyond `cols` repeat the last).
 * @param b row j at b + j·ldb
 */
export function packTransposed(k: i32, cols: i32, b: usize, ldb: usize, out: usize, alpha: f32): void {
  const last = <usize>(cols - 1);
  let b1 = b + min<usize>(1, last) * ldb, b2 = b + min<usize>(2, last) * ldb, b3 = b + min<usize>(3, last) * ldb;
  let b4 = b + min<usize>(4, last) * ldb, b5 = b + min<usize>(5, last) * ldb, b6 = b + min<usize>(6, last) * ldb;
  let b7 = b + min<usize>(7, last) * ldb, b0 = b;
  const factor = f32x4.splat(alpha);
  let n = k;
  for (; n >= 4; n -= 4) {
    transposeFour(b0, b1, b2, b3, out, factor);
    transposeFour(b4, b5, b6, b7, out + 16, factor);
    b0 += 16; b1 += 16; b2 += 16; b3 += 16; b4 += 16; b5 += 16; b6 += 16; b7 += 16;
    out += 128;
  }
  for (; n > 0; n--) {
    store<f32>(out, alpha * load<f32>(b0)); store<f32>(out, alpha * load<f32>(b1), 4);
    store<f32>(out, alpha * load<f32>(b2), 8); store<f32>(out, alpha * load<f32>(b3), 12);
    store<f32>(out, alpha * load<f32>(b4), 16); store<f32>(out, alpha * load<f32>(b5), 20);
    store<f32>(out, alpha * load<f32>(b6), 24); store<f32>(out, alpha * load<f32>(b7), 28);
    b0 += 4; b1 += 4; b2 += 4; b3 += 4; b4 += 4; b5 += 4; b6 += 4; b7 += 4;
    out += 32;
  }
}

/** One panel of B out of a matrix as it lies: out[k][j] = alpha · b[k][j], j < 8 (junk beyond the last column). */
export function packPlain(k: i32, b: usize, ldb: usize, out: usize, alpha: f32): void {
  const factor = f32x4.splat(alpha);
  for (; k > 0; k--) {
    v128.store(out, f32x4.mul(factor, v128.load(b)));
    v128.store(out, f32x4.mul(factor, v128.load(b, 16)), 16);
    out += 32;
    b += ldb;
  }
}

/** One panel of A out of a transposed matrix: out[k][i] = a[k][i], i < 6. */
function packColumns(k: i32, a: usize, lda: usize, out: usize): void {
  for (; k > 0; k--) {
    v128.store(out, v128.load(a));
    store<u64>(out, load<u64>(a, 16), 16);
    out += 24;
    a += lda;
  }
}

/**
 * Panels of A out of a transposed matrix, four at a time: what lies side by side is read together, or every panel would fetch the same
 * cache lines anew. Panel p at out + p·24k.
 */
export function packColumnPanels(k: i32, panels: i32, a: usize, lda: usize, out: usize): void {
  const panelBytes = <usize>k * 24;
  for (; panels >= 4; panels -= 4, a += 96, out += 4 * panelBytes) {
    let from = a, to0 = out, to1 = out + panelBytes, to2 = to1 + panelBytes, to3 = to2 + panelBytes;
    for (let n = k; n > 0; n--) {
      v128.store(to0, v128.load(from));
      const x = v128.load(from, 16);
      v128.store64_lane(to0, x, 0, 16);
      v128.store64_lane(to1, x, 1);
      v128.store(to1, v128.load(from, 32), 8);
      v128.store(to2, v128.load(from, 48));
      const y = v128.load(from, 64);
      v128.store64_lane(to2, y, 0, 16);
      v128.store64_lane(to3, y, 1);
      v128.store(to3, v128.load(from, 80), 8);
      from += lda;
      to0 += 24; to1 += 24; to2 += 24; to3 += 24;
    }
  }
  for (; panels > 0; panels--, a += 24, out += panelBytes) packColumns(k, a, lda, out);
}

/** One panel of A out of rows: out[k][i] = a[i][k], i < 6 (rows beyond `rows` repeat the last). */
export function packRows(k: i32, rows: i32, a: usize, lda: usize, out: usize): void {
  const last = <usize>(rows - 1);
  let a0 = a, a1 = a + min<usize>(1, last) * lda, a2 = a + min<usize>(2, last) * lda, a3 = a + min<usize>(3, last) * lda;
  let a4 = a + min<usize>(4, last) * lda, a5 = a + min<usize>(5, last) * lda;
  let n = k;
  for (; n >= 4; n -= 4) {
    const x0 = v128.load(a0), x1 = v128.load(a1), x2 = v128.load(a2), x3 = v128.load(a3), x4 = v128.load(a4), x5 = v128.load(a5);
    const l01 = lowPairs(x0, x1), h01 = highPairs(x0, x1), l23 = lowPairs(x2, x3), h23 = highPairs(x2, x3);
    const l45 = lowPairs(x4, x5), h45 = highPairs(x4, x5);
    v128.store(out, lowHalves(l01, l23));
    v128.store64_lane(out, l45, 0, 16);
    v128.store(out, highHalves(l01, l23), 24);
    v128.store64_lane(out, l45, 1, 40);
    v128.store(out, lowHalves(h01, h23), 48);
    v128.store64_lane(out, h45, 0, 64);
    v128.store(out, highHalves(h01, h23), 72);
    v128.store64_lane(out, h45, 1, 88);
    a0 += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16; a5 += 16;
    out += 96;
  }
  for (; n > 0; n--) {
    store<f32>(out, load<f32>(a0)); store<f32>(out, load<f32>(a1), 4); store<f32>(out, load<f32>(a2), 8);
    store<f32>(out, load<f32>(a3), 12); store<f32>(out, load<f32>(a4), 16); store<f32>(out, load<f32>(a5), 20);
    a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    out += 24;
  }
}
