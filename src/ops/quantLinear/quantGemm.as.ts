// AssemblyScript. C = init + A·op(W) + alpha2·A2·op(B2) where W lies in blocks of small integers and only the part that is being
// multiplied is unpacked: a chunk owns a group of columns of C, unpacks the panels of W for a slice of k into its own scratch (they
// stay in its cache) and lets all rows of A pass by. No other thread unpacks them again, and W is never whole in memory.
// Every sum is the one of gemm.as.ts over the unpacked W: init, then k ascending, one multiply-add each; the slices of k only say
// where a sum rests in memory meanwhile. So the bits are those of the float32 product, for any number of rows and threads.
import { getF, getI, getP, parallel, setF, setI, setP, threadCount, ZEROS } from '../../backend/simd/parallel.as';
import { MR, multiplyBlock, NR, packPlain, packRows, packTransposed } from '../../backend/simd/tiles.as';
import { fma } from '../../backend/simd/math.as';
import { hasPanels, panelOfBlocks } from './blockPanels.as';
import { blockAt, blockSize, unpack } from './blocks.as';

// Job words.
const M = 0, N = 1, K = 2, A = 3, LDA = 4, TYPE = 5, W = 6, ROW_BYTES = 7, TRANSPOSED = 8, INIT = 9, LD_INIT = 10, INIT_STEP = 11;
const C = 12, LDC = 13, K2 = 14, A2 = 15, B2 = 16, LDB2 = 17, ALPHA2 = 18, GROUP = 19, ROW_GROUPS = 20, SLICE = 21;

/** Rows of A that pass by together: 96 × 384 numbers are 147 KB. */
const ROWS: i32 = 96;
/** Numbers of one slice of k at most: a panel of it is 12 KB. */
const MOST_SLICE: i32 = 384;
/** Columns of C per chunk: few when there are few rows (decoding), so that all threads have some. */
const NARROW: i32 = 32, WIDE: i32 = 96;
/** From so many rows on, groups are wide. */
const MANY_ROWS: i32 = 48;

// A thread's scratch: edge tile, eight rows (or one of a whole group) of W as they are unpacked, panels, packed A.
const ROWS_AT: usize = 256;
const PANELS_AT: usize = ROWS_AT + 8 * <usize>MOST_SLICE * 4 + 256;
/** WIDE · MOST_SLICE, or 256 columns of a slice of 128. */
const PANEL_BYTES: usize = 147456;
const PACKED_A: usize = PANELS_AT + PANEL_BYTES;

/** What a thread's scratch must hold. */
export function quantScratch(): i32 { return <i32>(PACKED_A + <usize>ROWS * <usize>MOST_SLICE * 4); }

/** Rows at this distance share cache sets (as in gemm.as.ts). */
// @ts-ignore: decorator
@inline function collides(ld: usize): bool { return (ld & 2047) == 0; }

/** Panels of C's columns col … col+cols−1 for k0 … k0+kc−1, W by rows of k (y = x·Wᵀ): eight rows unpacked, then transposed. */
function panelsOfRows(col: i32, cols: i32, k0: i32, kc: i32, scratch: usize): void {
  const type = getI(TYPE), rowBytes = getP(ROW_BYTES), rows = scratch + ROWS_AT, ld = <usize>kc << 2;
  let out = scratch + PANELS_AT;
  for (let j = 0; j < cols; j += NR, out += <usize>kc * 32) {
    const count = min(NR, cols - j);
    if (count == NR && hasPanels(type)) {
      panelOfBlocks(type, blockAt(type, getP(W) + <usize>(col + j) * rowBytes, k0), rowBytes, kc >> 5, out);
      continue;
    }
    for (let i = 0; i < count; i++) unpack(type, blockAt(type, getP(W) + <usize>(col + j + i) * rowBytes, k0), kc, rows + <usize>i * ld);
    packTransposed(kc, count, rows, ld, out, 1);
  }
}

/** The same where W's rows run along C's columns (dx = dy·W). */
function panelsOfColumns(col: i32, cols: i32, k0: i32, kc: i32, scratch: usize): void {
  const type = getI(TYPE), rowBytes = getP(ROW_BYTES), row = scratch + ROWS_AT, panel = <usize>kc * 32;
  let out = scratch + PANELS_AT;
  for (let k = 0; k < kc; k++, out += 32) {
    unpack(type, blockAt(type, getP(W) + <usize>(k0 + k) * rowBytes, col), cols, row);
    let to = out;
    for (let j = 0; j < cols; j += NR, to += panel) {
      const from = row + (<usize>j << 2);
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  }
}

/** One row of A times four panels: 32 sums, each its own chain (a tile of six rows would compute five of them for nothing). */
function oneRow(k: i32, a: usize, b: usize, bStep: usize, init: usize, c: usize): void {
  let b1 = b + bStep, b2 = b1 + bStep, b3 = b2 + bStep;
  let c0 = v128.load(init), c1 = v128.load(init, 16), c2 = v128.load(init, 32), c3 = v128.load(init, 48);
  let c4 = v128.load(init, 64), c5 = v128.load(init, 80), c6 = v128.load(init, 96), c7 = v128.load(init, 112);
  const end = a + (<usize>k << 2);
  while (a < end) {
    const x = v128.load_splat<f32>(a);
    c0 = fma(x, v128.load(b), c0); c1 = fma(x, v128.load(b, 16), c1);
    c2 = fma(x, v128.load(b1), c2); c3 = fma(x, v128.load(b1, 16), c3);
    c4 = fma(x, v128.load(b2), c4); c5 = fma(x, v128.load(b2, 16), c5);
    c6 = fma(x, v128.load(b3), c6); c7 = fma(x, v128.load(b3, 16), c7);
    a += 4; b += 32; b1 += 32; b2 += 32; b3 += 32;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, c4, 64); v128.store(c, c5, 80); v128.store(c, c6, 96); v128.store(c, c7, 112);
}

/** Rows first … first+count−1 of C's group of columns += A over a slice of k · the panels in scratch. */
function multiplyRows(
  first: i32, count: i32, cols: i32, kc: i32, a: usize, lda: usize, init: usize, ldi: usize, iStep: usize, c: usize, scratch: usize,
): void {
  const ldc = getP(LDC), panel = <usize>kc * 32;
  for (let r = first; r < first + count; r += ROWS) {
    const rows = min(ROWS, first + count - r);
    const fromC = c + <usize>r * ldc, fromI = init + <usize>r * ldi;
    let fromA = a + <usize>r * lda;
    if (rows == 1 && cols == NARROW) {
      oneRow(kc, fromA, scratch + PANELS_AT, panel, fromI, fromC);
      continue;
    }
    let byRows = true, aStep = lda * <usize>MR, aLd = lda;
    if (collides(lda) && cols > 16 && rows > MR) {
      for (let i = 0, out = scratch + PACKED_A; i < rows; i += MR, out += <usize>kc * 24, fromA += aStep) packRows(kc, min(MR, rows - i), fromA, lda, out);
      fromA = scratch + PACKED_A;
      aStep = <usize>kc * 24;
      aLd = 24;
      byRows = false;
    }
    multiplyBlock(rows, cols, kc, byRows, fromA, aStep, aLd, scratch + PANELS_AT, panel, 32, fromI, ldi, iStep, fromC, ldc, scratch);
  }
}

function productChunk(chunk: i32, scratch: usize): void {
  const col = chunk / getI(ROW_GROUPS) * getI(GROUP), part = chunk % getI(ROW_GROUPS);
  const cols = min(getI(GROUP), getI(N) - col), k = getI(K), k2 = getI(K2), step = getI(SLICE);
  const tiles = (getI(M) + MR - 1) / MR;
  const first = part * tiles / getI(ROW_GROUPS) * MR, count = min((part + 1) * tiles / getI(ROW_GROUPS) * MR, getI(M)) - first;
  const c = getP(C) + (<usize>col << 2), ldc = getP(LDC);
  let ldi = getP(LD_INIT), iStep = getP(INIT_STEP), init = getP(INIT) + <usize>(col / NR) * iStep;
  for (let k0 = 0; k0 < k; k0 += step) {
    const kc = min(step, k - k0);
    if (getI(TRANSPOSED)) panelsOfRows(col, cols, k0, kc, scratch);
    else panelsOfColumns(col, cols, k0, kc, scratch);
    multiplyRows(first, count, cols, kc, getP(A) + (<usize>k0 << 2), getP(LDA), init, ldi, iStep, c, scratch);
    init = c;
    ldi = ldc;
    iStep = 32;
  }
  // The low-rank path, while the block of C is in the cache.
  const most = <i32>(PANEL_BYTES / 32) / ((cols + NR - 1) / NR);
  for (let k0 = 0; k0 < k2; k0 += most) {
    const kc = min(most, k2 - k0), ldb = getP(LDB2);
    for (let j = 0; j < cols; j += NR) {
      const out = scratch + PANELS_AT + <usize>(j / NR) * <usize>kc * 32, at = <usize>(col + j);
      if (getI(TRANSPOSED)) packTransposed(kc, min(NR, cols - j), getP(B2) + at * ldb + (<usize>k0 << 2), ldb, out, getF(ALPHA2));
      else packPlain(kc, getP(B2) + <usize>k0 * ldb + (at << 2), ldb, out, getF(ALPHA2));
    }
    multiplyRows(first, count, cols, kc, getP(A2) + (<usize>k0 << 2), <usize>k2 << 2, c, ldc, 32, c, scratch);
  }
}

/**
 * A [m, k] by rows; W in blocks of `type`, its rows `rowBytes` apart: [n, k] when transposed (y = x·Wᵀ), else [k, n]; C [m, n],
 * rows ldc apart. init: 0 → zeros, ldi = −1 → a row of n (bias) for every row of C, else a matrix with rows ldi apart.
 * Second product: k2 = 0 → none; a2 [m, k2] by rows, b2 float32 laid out like W ([n, k2] or [k2, n]).
 * Needs quantScratch() bytes of scratch.
 */
export function quantGemm(
  m: i32, n: i32, k: i32, a: usize, type: i32, w: usize, rowBytes: i32, transposed: i32, init: usize, ldi: i32, c: usize, ldc: i32,
  k2: i32, a2: usize, b2: usize, alpha2: f32,
): void {
  if (m <= 0 || n <= 0) return;
  setI(M, m);
  setI(N, n);
  setI(K, k);
  setP(A, a);
  setP(LDA, <usize>k << 2);
  setI(TYPE, type);
  setP(W, w);
  setP(ROW_BYTES, <usize>rowBytes);
  setI(TRANSPOSED, transposed);
  setP(INIT, init == 0 ? ZEROS : init);
  setP(LD_INIT, init == 0 || ldi < 0 ? 0 : <usize>ldi << 2);
  setP(INIT_STEP, init == 0 ? 0 : 32);
  setP(C, c);
  setP(LDC, <usize>ldc << 2);
  setI(K2, k2);
  setP(A2, a2);
  setP(B2, b2);
  setP(LDB2, <usize>(transposed ? k2 : n) << 2);
  setF(ALPHA2, alpha2);
  // Whole blocks: along k when transposed, along the columns of C otherwise.
  const size = blockSize(type);
  const narrow = m < MANY_ROWS && (transposed || size <= NARROW);
  const group = narrow ? NARROW : transposed || size <= 32 ? WIDE : size;
  setI(GROUP, group);
  setI(SLICE, transposed ? MOST_SLICE / max(size, 4) * max(size, 4) : group > WIDE ? 128 : MOST_SLICE);
  const groups = (n + group - 1) / group, wanted = threadCount() * 2;
  // More chunks than groups: each unpacks the same panels for some of the rows.
  const rowGroups = groups >= wanted ? 1 : min(max(1, m / ROWS), (wanted + groups - 1) / groups);
  setI(ROW_GROUPS, rowGroups);
  parallel(productChunk, groups * rowGroups);
}
