// Row programs on `simd`: the kernel calls of a step, recorded, with every address expressed by the rows it is run for.
// Tensors made on the way live in an arena laid out chunk by chunk: [rows of the chunk, width] each, places taken again as soon as
// the step let go of them. So two threads that are at different calls never meet, and a chunk's values stay in its core's cache.
import { engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Recorded, SimdBackend } from '../../backend/simd/simdBackend';
import { type RecordedStep, type RowProgram, registerRowRecorder } from './rowProgram';

/**
 * What a kernel's arguments are: r = rows, n = rows times something, p = pointer, i = the same integer for any rows, f = float32,
 * d = float64. The order of the names is the number of the kernel in rowProgram.as.ts.
 */
const ROW_KERNELS = {
  add: 'nppp',
  embedding: 'riippp',
  rmsNorm: 'nifppp',
  rotary: 'riiifppppp',
  swiglu: 'nppp',
  // Without the workspace: work and workBytes are constants that are not read where everything is packed beforehand.
  gemm: 'riipiipiifpipiippfiipp',
  attentionCached: 'riiiifiiippppppp',
  sampleTokens: 'riiidfippppp',
};
const NUMBERS = new Map(Object.entries(ROW_KERNELS).map(([name, kinds], number) => [name, { kinds, number }]));
/** They fill something that is kept, and need not be called again. */
const PREPARING = new Set(['packMatrix', 'packedBytes']);
/** Of gemm. */
const [TRANSPOSE_A, RANK, READY, READY2] = [5, 14, 20, 21];

/** Rows of a chunk at most: beyond, chunks are better balanced than they gain by reading the weights less often. */
const MOST_ROWS_PER_CHUNK = 32;
/** Rows of a chunk at least: the rows of a tile. */
const LEAST_ROWS = 4;
/** As parallel.as.ts. */
const MOST_THREADS = 48;
const ALIGNMENT = 64;

/** A stretch of memory of which every row has an equal share. */
interface Rows {
  address: number;
  bytes: number;
  /** value + first · perFirst + rows · perRow is where the rows of a chunk begin */
  value: number;
  perFirst: number;
  perRow: number;
}

/** Free places of the arena, in bytes per row. */
class Places {
  private readonly free: { start: number; size: number }[] = [];
  end = 0;

  take(size: number): number {
    const found = this.free.findIndex((place) => place.size >= size);
    if (found < 0) {
      this.end += size;
      return this.end - size;
    }
    const place = this.free[found];
    const { start } = place;
    place.start += size;
    place.size -= size;
    if (place.size === 0) this.free.splice(found, 1);
    return start;
  }

  give(start: number, size: number): void {
    this.free.push({ start, size });
    this.free.sort((a, b) => a.start - b.start);
    for (let i = this.free.length - 1; i > 0; i--) {
      const [before, place] = [this.free[i - 1], this.free[i]];
      if (before.start + before.size !== place.start) continue;
      before.size += place.size;
      this.free.splice(i, 1);
    }
  }
}

/** Why a recording cannot be repeated: thrown and caught in this file. */
class NotRepeatable extends Error {}

const floatBits = new DataView(new ArrayBuffer(8));

/** Turns recorded calls into the list of rowProgram.as.ts. */
class Translator {
  readonly words: number[] = [0];
  private readonly places = new Places();
  private readonly live = new Map<number, Rows & { place: number; size: number }>();
  /** words that hold an offset in the arena, which gets its address at the end */
  private readonly inArena: number[] = [];

  private readonly fixed: Rows[];

  constructor(
    private readonly rows: number,
    inputs: readonly Rows[],
    private readonly outputs: readonly Rows[],
  ) {
    this.fixed = [...inputs];
  }

  translate(events: readonly Recorded[]): void {
    // An output is what was made last at its address; before, other tensors may have been there.
    const madeAt = this.outputs.map(({ address }) =>
      events.findLastIndex((event) => event.kind === 'made' && event.address === address),
    );
    if (madeAt.includes(-1)) throw new NotRepeatable('an output that the step did not make');
    events.forEach((event, at) => {
      const output = madeAt.indexOf(at);
      if (output >= 0) this.fixed.push(this.outputs[output]);
      else if (event.kind === 'made') this.made(event.address, event.bytes);
      else if (event.kind === 'freed') this.freed(event.address);
      else if (!PREPARING.has(event.kernel)) this.called(event.kernel, event.args);
    });
  }

  /** Bytes of the arena for one row; the list is complete once it is known where the arena lies. */
  get bytesPerRow(): number {
    return Math.ceil(this.places.end / ALIGNMENT) * ALIGNMENT;
  }

  placeArena(address: number): void {
    for (const at of this.inArena) {
      this.words[at] = address;
      this.words[at + 1] = this.bytesPerRow;
    }
  }

  private made(address: number, bytes: number): void {
    if (bytes % this.rows !== 0) throw new NotRepeatable(`a tensor of ${bytes} bytes for ${this.rows} rows`);
    const size = Math.ceil(bytes / this.rows / ALIGNMENT) * ALIGNMENT;
    const place = this.places.take(size);
    this.live.set(address, { address, bytes, value: 0, perFirst: 0, perRow: place, place, size });
  }

  private freed(address: number): void {
    const known = this.live.get(address);
    if (!known) return;
    this.places.give(known.place, known.size);
    this.live.delete(address);
  }

  private called(kernel: string, args: readonly number[]): void {
    const known = NUMBERS.get(kernel);
    if (!known) throw new NotRepeatable(`the kernel ${kernel}`);
    if (known.kinds.length !== args.length) {
      throw new Error(
        `rowProgram: expected ${kernel} with ${known.kinds.length} arguments, it has ${args.length}. Say what they are in rowProgram.simd.ts and pass them in rowProgram.as.ts.`,
      );
    }
    if (kernel === 'gemm' && (args[TRANSPOSE_A] || !args[READY] || (args[RANK] && !args[READY2])))
      throw new NotRepeatable('a product whose weights are not packed');
    this.words[0]++;
    this.words.push(known.number, known.kinds.length + (known.kinds.includes('d') ? 1 : 0));
    args.forEach((arg, i) => {
      this.argument(known.kinds[i], arg);
    });
  }

  private argument(kind: string, arg: number): void {
    const { words, rows } = this;
    if (kind === 'p') this.pointer(arg);
    else if (kind === 'r' || kind === 'n') {
      if (arg % rows !== 0 || (kind === 'r' && arg !== rows)) throw new NotRepeatable(`${arg} rows instead of ${rows}`);
      words.push(0, 0, arg / rows);
    } else if (kind === 'f') {
      floatBits.setFloat32(0, arg, true);
      words.push(floatBits.getInt32(0, true), 0, 0);
    } else if (kind === 'd') {
      floatBits.setFloat64(0, arg, true);
      words.push(floatBits.getInt32(0, true), 0, 0, floatBits.getInt32(4, true), 0, 0);
    } else words.push(arg, 0, 0);
  }

  private pointer(address: number): void {
    const within = ({ address: start, bytes }: Rows) => address >= start && address < start + bytes;
    const fixed = this.fixed.find(within);
    if (fixed) {
      if (fixed.address !== address) throw new NotRepeatable('an address inside an input or output');
      this.words.push(fixed.value, fixed.perFirst, fixed.perRow);
      return;
    }
    for (const live of this.live.values()) {
      if (!within(live)) continue;
      // Matrices one behind the other in one tensor: each has its rows.
      const offset = (address - live.address) / this.rows;
      if (!Number.isInteger(offset)) throw new NotRepeatable('an address inside a row');
      this.inArena.push(this.words.length);
      this.words.push(0, 0, live.perRow + offset);
      return;
    }
    this.words.push(address, 0, 0);
  }
}

/** Room for `capacity` rows of what a tensor holds for `rows`. */
function roomLike(backend: SimdBackend, info: TensorInfo, rows: number, capacity: number) {
  const width = info.shape.reduce((product, n) => product * n, 1) / rows;
  const tensor = backend.output([capacity, width], info.dtype);
  const address = backend.pointer(info);
  const known: Rows = {
    address,
    bytes: 4 * rows * width,
    value: backend.pointer(tensor),
    perFirst: 4 * width,
    perRow: 0,
  };
  return { tensor, width, known };
}

function recordOnSimd(rows: number, capacity: number, inputs: readonly Tensor[], step: () => Tensor[]): RecordedStep {
  const backend = engine().backend as SimdBackend;
  const { result: outputs, recording } = backend.record(step);
  if (recording.hasGaps || backend.threads > MOST_THREADS) return { outputs, program: null };
  const ins = inputs.map((tensor) => roomLike(backend, tensor, rows, capacity));
  const outs = outputs.map((tensor) => roomLike(backend, tensor, rows, capacity));
  const [read, written] = [ins, outs].map((list) => list.map(({ known }) => known));
  const translator = new Translator(rows, read, written);
  const own = [...ins, ...outs].map(({ tensor }) => tensor);
  try {
    translator.translate(recording.events);
  } catch (error) {
    backend.release(...own);
    if (!(error instanceof NotRepeatable)) throw error;
    return { outputs, program: null };
  }
  const arena = backend.output([Math.max(1, (capacity * translator.bytesPerRow) / 4)]);
  translator.placeArena(backend.pointer(arena));
  const list = backend.output([translator.words.length], 'int32');
  backend.view(list).set(translator.words);
  const program: RowProgram = {
    run(count, values) {
      if (count > capacity) throw new RangeError(`rowProgram: expected at most ${capacity} rows, got ${count}.`);
      ins.forEach(({ tensor, width }, i) => {
        backend.view(tensor).set(values[i].subarray(0, count * width));
      });
      const shared = Math.ceil(count / backend.threads);
      const most = Math.min(Math.max(shared, LEAST_ROWS), MOST_ROWS_PER_CHUNK);
      backend.kernels.runRows(backend.pointer(list), count, Math.ceil(count / most));
      return outs.map(({ tensor, width }) => backend.view(tensor).slice(0, count * width) as Float32Array | Int32Array);
    },
    dispose: () => backend.release(...own, arena, list),
  };
  return { outputs, program };
}

registerRowRecorder('simd', recordOnSimd);
