// AssemblyScript. C = init + alpha·op(A)·op(B) (+ alpha2·A2·op(B2)), threaded, any sizes.
// First all threads pack B into panels of 8 columns (a transposed B needs it anyway; packed, it is read in order), then each
// takes blocks of C. A is read where it lies when it is stored by rows; transposed, or with rows a power of two apart (they
// would fall into the same cache sets), each thread packs its own block. The second product is the low-rank path of LoRA:
// it is added while the block of C is still in the cache.
// Order of every sum: k ascending in blocks that depend on K alone, whatever the chunking.
import { MR, multiplyBlock, NR, packColumnPanels, packPlain, packRows, packTransposed } from '../../backend/simd/tiles.as';
import { getF, getI, getP, parallel, setF, setI, setP, threadCount, ZEROS } from '../../backend/simd/parallel.as';

// Job words.
const M = 0, N = 1, K = 2, A = 3, LDA = 4, TRANSPOSE_A = 5, B = 6, LDB = 7, TRANSPOSE_B = 8, ALPHA = 9;
const PACKED = 10, INIT = 11, LD_INIT = 12, INIT_STEP = 13, C = 14, LDC = 15;
const K2 = 16, A2 = 17, LDA2 = 18, B2 = 19, LDB2 = 20, ALPHA2 = 21, PACKED2 = 22;
const COL_BLOCK = 25, ROW_BLOCKS = 26, PANELS_PER_CHUNK = 27, IS_READY = 28, IS_READY2 = 29;

/** Rows of C per chunk at most: with K_BLOCK columns of A 147 KB, which stay in the L2 cache. */
const MOST_ROWS: i32 = 96;
/** At most this many k in one pass: a panel of B is 12 KB and stays in the L1 cache. */
const K_BLOCK: i32 = 384;
/** Multiply-adds that are not worth waking another thread for (some microseconds). */
const SMALL: i64 = 150000;
/** Offset of the packed A behind the edge tile in a thread's scratch. */
const SCRATCH_A: usize = 256;

// @ts-ignore: decorator
@inline function kBlock(k: i32): i32 {
  const blocks = max(1, (k + K_BLOCK - 1) / K_BLOCK);
  return max(4, ((k + blocks - 1) / blocks + 3) & ~3);
}

// @ts-ignore: decorator
@inline function panelsOf(n: i32): i32 { return (n + NR - 1) / NR; }

/** Rows at this distance share cache sets. */
// @ts-ignore: decorator
@inline function collides(ld: usize): bool { return (ld & 2047) == 0; }

function packPanels(from: i32, to: i32, k: i32, b: usize, ldb: usize, alpha: f32, packed: usize): void {
  const n = getI(N);
  const panels = panelsOf(n);
  const step = kBlock(k);
  for (let k0 = 0; k0 < k; k0 += step) {
    const kc = min(step, k - k0);
    const block = packed + <usize>k0 * <usize>panels * 32;
    for (let panel = from; panel < to; panel++) {
      const out = block + <usize>panel * <usize>kc * 32;
      const column = <usize>(panel * NR);
      if (getI(TRANSPOSE_B)) {
        packTransposed(kc, min(NR, n - panel * NR), b + column * ldb + (<usize>k0 << 2), ldb, out, alpha);
      } else {
        packPlain(kc, b + <usize>k0 * ldb + (column << 2), ldb, out, alpha);
      }
    }
  }
}

function packChunk(chunk: i32, scratch: usize): void {
  const from = chunk * getI(PANELS_PER_CHUNK);
  const to = min(from + getI(PANELS_PER_CHUNK), panelsOf(getI(N)));
  if (getP(PACKED) && !getI(IS_READY)) packPanels(from, to, getI(K), getP(B), getP(LDB), getF(ALPHA), getP(PACKED));
  if (getI(K2) && !getI(IS_READY2)) packPanels(from, to, getI(K2), getP(B2), getP(LDB2), getF(ALPHA2), getP(PACKED2));
}

function blockChunk(chunk: i32, scratch: usize): void {
  // Blocks of whole tiles, as equal as can be: an odd one at the end would keep the others waiting.
  const block = chunk % getI(ROW_BLOCKS), tiles = (getI(M) + MR - 1) / MR;
  const row = block * tiles / getI(ROW_BLOCKS) * MR;
  const rows = min((block + 1) * tiles / getI(ROW_BLOCKS) * MR, getI(M)) - row;
  const col = (chunk / getI(ROW_BLOCKS)) * getI(COL_BLOCK);
  const cols = min(getI(COL_BLOCK), getI(N) - col);
  const ldc = getP(LDC);
  const c = getP(C) + <usize>row * ldc + (<usize>col << 2);
  let ldi = getP(LD_INIT), iStep = getP(INIT_STEP);
  let init = getP(INIT) + <usize>row * ldi + <usize>(col / NR) * iStep;
  const panels = <usize>panelsOf(getI(N));
  const firstPanel = <usize>(col / NR);
  const lda = getP(LDA), ldb = getP(LDB);
  const k = getI(K);
  const step = kBlock(k);
  // At least once, so that a product over nothing (k = 0) still writes init.
  for (let k0 = 0; k0 == 0 || k0 < k; k0 += step) {
    const kc = min(step, k - k0);
    let a = getP(A), aStep = lda * <usize>MR, aLd = lda, byRows = true;
    if (getI(TRANSPOSE_A)) {
      a += <usize>k0 * lda + (<usize>row << 2);
      aStep = <usize>MR << 2;
      byRows = false;
      // A few columns of C do not pay for packing, unless the cache sets collide.
      if (cols > 32 || collides(lda)) {
        packColumnPanels(kc, (rows + MR - 1) / MR, a, lda, scratch + SCRATCH_A);
        a = scratch + SCRATCH_A;
        aStep = <usize>kc * 24;
        aLd = 24;
      }
    } else {
      a += <usize>row * lda + (<usize>k0 << 2);
      if (collides(lda) && cols > 16) {
        for (let i = 0, out = scratch + SCRATCH_A; i < rows; i += MR, out += <usize>kc * 24, a += aStep) packRows(kc, min(MR, rows - i), a, lda, out);
        a = scratch + SCRATCH_A;
        aStep = <usize>kc * 24;
        aLd = 24;
        byRows = false;
      }
    }
    let b = getP(B) + <usize>k0 * ldb + (<usize>col << 2), bStep: usize = 32, bLd = ldb;
    if (getP(PACKED)) {
      bStep = <usize>kc * 32;
      b = getP(PACKED) + <usize>k0 * panels * 32 + firstPanel * bStep;
      bLd = 32;
    }
    multiplyBlock(rows, cols, kc, byRows, a, aStep, aLd, b, bStep, bLd, init, ldi, iStep, c, ldc, scratch);
    init = c;
    ldi = ldc;
    iStep = 32;
  }
  const k2 = getI(K2);
  if (k2) {
    const step2 = kBlock(k2);
    const lda2 = getP(LDA2);
    for (let k0 = 0; k0 < k2; k0 += step2) {
      const kc = min(step2, k2 - k0);
      const a = getP(A2) + <usize>row * lda2 + (<usize>k0 << 2);
      const b = getP(PACKED2) + <usize>k0 * panels * 32 + firstPanel * <usize>kc * 32;
      multiplyBlock(rows, cols, kc, true, a, lda2 * <usize>MR, lda2, b, <usize>kc * 32, 32, c, ldc, 32, c, ldc, scratch);
    }
  }
}

/** Sizes of the chunks: as many as the threads can share, a whole number for each, but not smaller than pays. */
function chooseChunks(m: i32, n: i32, k: i64): void {
  const threads = threadCount();
  let rowBlocks = (m + MOST_ROWS - 1) / MOST_ROWS, colBlocks = 1;
  if (threads > 1 && <i64>m * <i64>n * k > SMALL) {
    const wanted = threads * 3;
    while (rowBlocks * colBlocks < wanted) {
      const height = m / rowBlocks, width = n / colBlocks;
      if (height >= width && height >= 48) rowBlocks++;
      else if (width >= 64) colBlocks++;
      else if (height >= 24) rowBlocks++;
      else break;
    }
    if (m / rowBlocks >= 48) rowBlocks = (rowBlocks + threads - 1) / threads * threads;
  }
  setI(COL_BLOCK, ((n + colBlocks - 1) / colBlocks + NR - 1) / NR * NR);
  setI(ROW_BLOCKS, min(rowBlocks, (m + MR - 1) / MR));
}

/**
 * A [m, k] (or [k, m] when transposeA), B [k, n] (or [n, k]); leading dimensions in elements; C [m, n].
 * init: 0 → zeros, ldi = −1 → a row of n (bias) for every row of C, else a matrix like C (C itself accumulates).
 * Second product: k2 = 0 → none; a2 [m, k2] by rows, b2 laid out like B.
 * work: workBytes of memory for packed B, at least (k + k2)·32 bytes.
 * ready: B as packMatrix left it, or 0; ready2: B2 likewise (only beside ready).
 */
export function gemm(
  m: i32, n: i32, k: i32, a: usize, lda: i32, transposeA: i32, b: usize, ldb: i32, transposeB: i32, alpha: f32,
  init: usize, ldi: i32, c: usize, ldc: i32, k2: i32, a2: usize, b2: usize, alpha2: f32, work: usize, workBytes: usize, ready: usize, ready2: usize,
): void {
  if (m <= 0 || n <= 0) return;
  setI(M, m);
  setI(K, k);
  setP(A, a);
  setP(LDA, <usize>lda << 2);
  setI(TRANSPOSE_A, transposeA);
  const ldbBytes = <usize>ldb << 2;
  setP(LDB, ldbBytes);
  setI(TRANSPOSE_B, transposeB);
  setF(ALPHA, alpha);
  setP(LDC, <usize>ldc << 2);
  setI(K2, k2);
  setP(A2, a2);
  setP(LDA2, <usize>k2 << 2);
  const ldb2 = transposeB ? <usize>k2 << 2 : ldbBytes;
  setP(LDB2, ldb2);
  setF(ALPHA2, alpha2);
  setP(LD_INIT, init == 0 || ldi < 0 ? 0 : <usize>ldi << 2);
  setP(INIT_STEP, init == 0 ? 0 : 32);
  // B as it lies, when few rows of A would not pay for packing it.
  const direct = ready == 0 && !transposeB && alpha == 1 && m <= 48 && !collides(ldbBytes);
  const panelBytes = max<usize>(32, <usize>(k + k2) * 32);
  const most = max(<i32>(workBytes / panelBytes), 1) * NR;
  const columns = ready ? n : min(n, most);
  for (let col = 0; col < n; col += columns) {
    const width = min(columns, n - col);
    const shift = <usize>col << 2;
    setI(N, width);
    setP(B, b + (transposeB ? <usize>col * ldbBytes : shift));
    setP(B2, b2 + (transposeB ? <usize>col * ldb2 : shift));
    setP(C, c + shift);
    setP(INIT, init == 0 ? ZEROS : init + shift);
    const panels = panelsOf(width);
    setP(PACKED, direct ? 0 : ready ? ready : work);
    setP(PACKED2, ready2 ? ready2 : ready ? work : work + <usize>k * <usize>panels * 32);
    setI(IS_READY, ready != 0 ? 1 : 0);
    setI(IS_READY2, ready2 != 0 ? 1 : 0);
    if ((!direct && !ready) || (k2 && !ready2)) {
      const perChunk = max(1, 16384 / max(1, (k + k2) * NR));
      setI(PANELS_PER_CHUNK, perChunk);
      parallel(packChunk, (panels + perChunk - 1) / perChunk);
    }
    chooseChunks(m, width, <i64>k + <i64>k2);
    const colBlock = getI(COL_BLOCK);
    parallel(blockChunk, getI(ROW_BLOCKS) * ((width + colBlock - 1) / colBlock));
  }
}

/** Bytes of a packed B. */
export function packedBytes(n: i32, k: i32): i32 { return k * panelsOf(n) * 32; }

/** Packs alpha·B, B [k, n] (or [n, k] when transposeB), once, for products to come: gemm's `ready`. */
export function packMatrix(n: i32, k: i32, b: usize, ldb: i32, transposeB: i32, alpha: f32, out: usize): void {
  setI(N, n);
  setI(K, k);
  setP(B, b);
  setP(LDB, <usize>ldb << 2);
  setI(TRANSPOSE_B, transposeB);
  setF(ALPHA, alpha);
  setI(K2, 0);
  setP(PACKED, out);
  setI(IS_READY, 0);
  const panels = panelsOf(n), perChunk = max(1, 16384 / max(1, k * NR));
  setI(PANELS_PER_CHUNK, perChunk);
  parallel(packChunk, (panels + perChunk - 1) / perChunk);
}
