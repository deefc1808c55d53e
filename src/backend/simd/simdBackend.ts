// The tfjs backend `simd`: tensors live in the shared WASM memory; kernels get their addresses. A tensor's bytes are
// float32, int32 (4 each) or bool (1 each), densely packed.
import {
  type BackendValues,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { Heap, type HeapStatistics, sizeClass } from './heap';
import type { HelperThread } from './threads';

/** The functions of the binary. Addresses and counts are 32-bit integers, the rest numbers as each function says. */
export type Kernels = Record<string, (...args: number[]) => number>;

/** What happened while `record` listened. Kernels that only prepare something that is kept are among the calls. */
export type Recorded =
  | { kind: 'made'; address: number; bytes: number }
  | { kind: 'freed'; address: number }
  | { kind: 'called'; kernel: string; args: number[] };

export interface Recording {
  events: Recorded[];
  /** JavaScript touched values, so that calling the kernels again would not do the same again */
  hasGaps: boolean;
}

interface Stored {
  address: number;
  bytes: number;
  dtype: DataType;
  refCount: number;
}

/** Scratch for each thread to begin with: enough for the packed panels of the GEMM. */
const SCRATCH_BYTES = 512 * 1024;

/** Weights are kept packed up to this many bytes: small models whole, of large ones nothing worth speaking of. */
export const MOST_PACKED_BYTES = 32 * 2 ** 20;

export class SimdBackend extends KernelBackend {
  readonly heap: Heap;
  kernels: Kernels;
  private readonly data: DataStorage<Stored>;
  private f32: Float32Array<ArrayBufferLike>;
  private i32: Int32Array<ArrayBufferLike>;
  private u8: Uint8Array<ArrayBufferLike>;
  private scratchAddress = 0;
  private scratchBytes = 0;
  private workspaceAddress = 0;
  private workspaceBytes = 0;
  private readonly packed = new Map<DataId, { address: number; bytes: number; alpha: number }>();
  private packedTotal = 0;
  private recording: Recording | null = null;

  constructor(
    private readonly wasm: WebAssembly.Exports,
    private readonly wasmMemory: WebAssembly.Memory,
    firstByte: number,
    private readonly helpers: HelperThread[],
    private readonly slots: number,
  ) {
    super();
    this.heap = new Heap(wasmMemory, firstByte);
    this.kernels = wasm as unknown as Kernels;
    this.data = new DataStorage(this, engine());
    const { buffer } = wasmMemory;
    this.f32 = new Float32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.reserveScratch(SCRATCH_BYTES);
    this.setControl('threadsAddress', helpers.length + 1);
    // A page's main thread is the only place that must not sleep.
    this.setControl('maySleepAddress', typeof document === 'undefined' ? 1 : 0);
  }

  get threads(): number {
    return this.helpers.length + 1;
  }

  /** Address of a tensor's bytes. */
  pointer(info: TensorInfo): number {
    return this.data.get(info.dataId).address;
  }

  /** A new tensor with undefined content. */
  output(shape: number[], dtype: DataType = 'float32'): TensorInfo {
    const dataId: DataId = {};
    this.store(dataId, util.sizeFromShape(shape) * util.bytesPerElement(dtype), dtype, 1);
    return { dataId, shape, dtype };
  }

  /** Another tensor over the same bytes. */
  alias(info: TensorInfo, shape: number[]): TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape, dtype: info.dtype };
  }

  release(...infos: TensorInfo[]): void {
    for (const info of infos) this.disposeData(info.dataId);
  }

  /** A tensor's elements in place: valid until the next allocation. Writing changes the tensor. */
  view(info: TensorInfo): Float32Array | Int32Array | Uint8Array {
    if (this.recording) this.recording.hasGaps = true;
    return this.glance(info);
  }

  /** A tensor's elements, only to look whether they are in order. */
  glance(info: TensorInfo): Float32Array | Int32Array | Uint8Array {
    const { address, bytes, dtype } = this.data.get(info.dataId);
    this.refreshViews();
    if (dtype === 'float32') return this.f32.subarray(address / 4, (address + bytes) / 4) as Float32Array;
    if (dtype === 'int32') return this.i32.subarray(address / 4, (address + bytes) / 4) as Int32Array;
    return this.u8.subarray(address, address + bytes) as Uint8Array;
  }

  /** Makes sure that every thread has this much scratch for itself. It only grows. */
  reserveScratch(bytesPerThread: number): void {
    if (bytesPerThread <= this.scratchBytes) return;
    if (this.scratchBytes > 0) this.heap.free(this.scratchAddress);
    this.scratchBytes = sizeClass(bytesPerThread);
    this.scratchAddress = this.heap.allocate(this.slots * this.scratchBytes);
    this.setControl('scratchBaseAddress', this.scratchAddress);
    this.setControl('scratchBytesAddress', this.scratchBytes);
  }

  /** One block that kernels share for the length of a call (packed matrices). It only grows. */
  workspace(bytes: number): number {
    if (bytes > this.workspaceBytes) {
      if (this.workspaceBytes > 0) this.heap.free(this.workspaceAddress);
      this.workspaceBytes = 0;
      this.workspaceAddress = this.heap.allocate(bytes);
      this.workspaceBytes = bytes;
    }
    return this.workspaceAddress;
  }

  /** Replaces every kernel by `wrap(name, kernel)`, for measurements. @returns puts the plain ones back */
  wrapKernels(wrap: (name: string, kernel: Kernels[string]) => Kernels[string]): () => void {
    const plain = this.kernels;
    this.kernels = Object.fromEntries(
      Object.entries(plain).map(([name, kernel]) => [name, typeof kernel === 'function' ? wrap(name, kernel) : kernel]),
    );
    return () => {
      this.kernels = plain;
    };
  }

  /** Runs `work` as always and tells what it made, freed and called. Not to be nested. */
  record<T>(work: () => T): { result: T; recording: Recording } {
    const recording: Recording = { events: [], hasGaps: false };
    const stop = this.wrapKernels((kernel, run) => (...args) => {
      recording.events.push({ kind: 'called', kernel, args });
      return run(...args);
    });
    this.recording = recording;
    try {
      return { result: work(), recording };
    } finally {
      this.recording = null;
      stop();
    }
  }

  /** Address of the second form of a tensor's values (packed for products, times alpha), 0 = there is none. */
  packedForm(info: TensorInfo, alpha = 1): number {
    const packed = this.packed.get(info.dataId);
    return packed?.alpha === alpha ? packed.address : 0;
  }

  /**
   * Room for a tensor's packed form, kept as long as the tensor or until `forgetPacked`. Whoever changes tensors in place says so there.
   * @returns its address, for the caller to fill; 0 when there is no room for it
   */
  keepPacked(info: TensorInfo, bytes: number, alpha = 1): number {
    this.forgetPacked(info.dataId);
    if (this.packedTotal + bytes > MOST_PACKED_BYTES) return 0;
    const address = this.heap.allocate(bytes);
    this.packed.set(info.dataId, { address, bytes, alpha });
    this.packedTotal += bytes;
    return address;
  }

  /** These tensors are about to change in place, or to go: their packed forms are of no use any more. */
  forgetPacked(...dataIds: DataId[]): void {
    for (const dataId of dataIds) {
      const packed = this.packed.get(dataId);
      if (!packed) continue;
      this.heap.free(packed.address);
      this.packed.delete(dataId);
      this.packedTotal -= packed.bytes;
    }
  }

  statistics(): HeapStatistics {
    return this.heap.statistics();
  }

  // What tfjs asks of a backend.

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId: DataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new RangeError(
        `simd: expected a tensor of float32, int32 or bool, got ${dtype}. Keep other data outside tensors.`,
      );
    }
    this.store(dataId, util.sizeFromShape(shape) * util.bytesPerElement(dtype), dtype, refCount);
    if (values) this.view({ dataId, shape, dtype }).set(values as ArrayLike<number>);
  }

  override readSync(dataId: DataId): BackendValues {
    const { dtype } = this.data.get(dataId);
    return this.view({ dataId, shape: [], dtype }).slice();
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const stored = this.data.get(dataId);
    stored.refCount--;
    if (!force && stored.refCount > 0) return false;
    this.heap.free(stored.address);
    this.recording?.events.push({ kind: 'freed', address: stored.address });
    this.data.delete(dataId);
    this.forgetPacked(dataId);
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).refCount++;
  }

  decRef(dataId: DataId): void {
    if (this.data.has(dataId)) this.data.get(dataId).refCount--;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(f: () => void): Promise<{ kernelMs: number }> {
    const start = performance.now();
    f();
    return { kernelMs: performance.now() - start };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  /** Lets the helper threads go; the backend is of no use afterwards. */
  override dispose(): void {
    this.refreshViews();
    Atomics.store(this.i32, this.control('stopAddress') / 4, 1);
    Atomics.add(this.i32, this.control('epochAddress') / 4, 1);
    Atomics.notify(this.i32, this.control('epochAddress') / 4);
    for (const helper of this.helpers) helper.terminate();
  }

  private store(dataId: DataId, bytes: number, dtype: DataType, refCount: number): void {
    const address = this.heap.allocate(bytes);
    this.recording?.events.push({ kind: 'made', address, bytes });
    this.data.set(dataId, { address, bytes, dtype, refCount });
  }

  private refreshViews(): void {
    const { buffer } = this.wasmMemory;
    if (this.u8.byteLength === buffer.byteLength) return;
    this.f32 = new Float32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u8 = new Uint8Array(buffer);
  }

  private control(name: string): number {
    return (this.wasm[name] as WebAssembly.Global).value as number;
  }

  private setControl(name: string, value: number): void {
    this.refreshViews();
    this.i32[this.control(name) / 4] = value;
  }
}
