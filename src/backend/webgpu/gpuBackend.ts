// Our subclass of tfjs' WebGPU backend: tfjs keeps tensors, buffers and its own kernels; our launches are collected (launch.ts) and
// encoded into the same command encoder and pass before anything that could see their results.
// tfjs 4.22 keeps its queue in private fields; `TfjsQueue` names those this file relies on (the version is pinned).

import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type BackendValues, type DataType, env, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { BufferPool } from './bufferPool';
import { ByteWriter } from './byteWriter';
import { isSoftwareAdapter } from './gpuAdapter';
import { defineProgram, type GpuProgram, packParameters } from './gpuProgram';
import { type Binding, dropUnseen, foldSums, type Launch } from './launch';
import { Launcher } from './launcher';
import { type ArenaHost, ParameterArenas } from './parameterArenas';
import { ReadBack } from './readBack';

interface TfjsQueue {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  commandQueueOwnedIds: WeakSet<object>;
  /** released into the pool after the next submit */
  uniformPendingDisposal: GPUBuffer[];
  /** destroyed after the next submit */
  stagingPendingDisposal: GPUBuffer[];
  releaseResource(dataId: object): void;
  recordAndSubmit(...all: unknown[]): void;
}

/** What tfjs keeps of a tensor, and our window where it lies in a buffer with others. */
interface TensorData {
  shape: number[];
  dtype: DataType;
  values: BackendValues | null;
  resource?: unknown;
  refCount: number;
  window?: { offset: number };
}

/** a + b of the same shape: tfjs' Add and our Residual, folded into the launch before it where that is possible. */
const adding = defineProgram('Add', () => ({
  storage: { a: 'f32', b: 'f32', y: 'f32 out' },
  parameters: { size: 'u32' },
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) { y[i] = a[i] + b[i]; }`,
}));

const filling = defineProgram('Fill', () => ({
  storage: { y: 'f32 out' },
  parameters: { size: 'u32', value: 'f32' },
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) { y[i] = params.value; }`,
}));

export interface GpuStatistics {
  /** of our own kernels */
  dispatches: number;
  submits: number;
}

export class GpuBackend extends WebGPUBackend {
  /** Set when the device is destroyed by `dispose`, so that this is not reported as a loss. */
  closing = false;
  /** The CPU plays the GPU: barriers are dear there, so kernels may choose a text without them. Tests set it. */
  isSoftware: boolean;
  /** 64 sums per thread cost more than they save: others measured that on Apple's GPUs. */
  readonly hasFewRegisters: boolean;
  /** In place of tfjs' bufferManager. */
  readonly pool: BufferPool;
  private fault: string | null = null;
  private submits = 0;
  /** Launches not yet encoded. */
  private collected: Launch[] = [];
  private readonly launcher: Launcher;
  private readonly arenas: ParameterArenas;
  private readonly readBack: ReadBack;
  private readonly byteWriter: ByteWriter;
  private readonly bufferIds = new WeakMap<GPUBuffer, number>();
  private nextBufferId = 0;

  constructor(device: GPUDevice, adapterInfo?: GPUAdapterInfo) {
    super(device, adapterInfo);
    this.isSoftware = isSoftwareAdapter(adapterInfo ?? {});
    this.hasFewRegisters = /apple/i.test(adapterInfo?.vendor ?? '');
    const queue = this.tfjsQueue;
    if (queue.commandEncoder !== null || !(queue.commandQueueOwnedIds instanceof WeakSet)) {
      throw new Error(
        'webgpu: expected the queue of @tensorflow/tfjs-backend-webgpu 4.22, got another layout. Install the pinned version.',
      );
    }
    const pool = new BufferPool(device);
    this.pool = pool;
    this.launcher = new Launcher(device, this.isSoftware);
    this.arenas = new ParameterArenas(device, this.arenaHost(pool));
    this.readBack = new ReadBack(
      pool,
      () => this.encoderOutsidePass(),
      () => this.flush(),
    );
    this.byteWriter = new ByteWriter(device.queue);
    this.replaceInherited(pool);
    device.addEventListener('uncapturederror', (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      const isFull = typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError;
      this.fault ??= isFull
        ? `expected room for every tensor, the GPU's memory is full (${error.message}). Choose smaller batches.`
        : `expected every command to be valid, the device answered "${error.message}".`;
    });
  }

  get statistics(): GpuStatistics {
    return { dispatches: this.launcher.dispatches, submits: this.submits };
  }

  /** See Launcher. */
  set isMerging(value: boolean) {
    this.launcher.isMerging = value;
  }

  set hasSubgroups(value: boolean) {
    this.launcher.hasSubgroups = value;
  }

  /** Resolves when no program is being compiled in the background. */
  settled(): Promise<void> {
    return this.launcher.settled();
  }

  /** A new tensor with undefined content. */
  output(shape: number[], dtype: DataType = 'float32'): TensorInfo {
    const info = this.makeTensorInfo(shape, dtype);
    if (dtype === 'float32') this.arenas.placeGradient(info);
    return info;
  }

  /** What is made until the next call and looks like it is the gradient of this parameter, and put where AdamW wants it. */
  expectGradientOf(dataId: object | null): void {
    this.arenas.expectGradientOf(dataId);
  }

  /**
   * Parameters with their moments and gradients, each kind in few buffers that can be bound whole: the lists' tensors are moved there
   * at the first call. @returns tensors over whole buffers, element i of one belonging to element i of the others
   */
  gathered(lists: { p: TensorInfo[]; grad: TensorInfo[]; m: TensorInfo[]; v: TensorInfo[] }) {
    return this.arenas.gather(lists);
  }

  /** Forgets temporaries of a kernel. Their buffers return to the pool after the commands that use them are submitted. */
  release(...infos: TensorInfo[]): void {
    for (const info of infos) this.disposeData(info.dataId);
  }

  /**
   * Launches a program.
   * @param tensors in the order of `program.storage`
   * @param groups number of workgroups: a count (spread over two dimensions when needed) or [x, y, z]
   */
  run(
    program: GpuProgram,
    tensors: TensorInfo[],
    parameters: Record<string, number>,
    groups: number | [number, number, number],
  ): void {
    const extents = typeof groups === 'number' ? this.launcher.spread(groups) : groups;
    if (extents[0] * extents[1] * extents[2] === 0) return;
    let bindings = this.prepare(program, tensors);
    // A dispatch may not read and write one buffer, not even different windows of it. Gradients never need theirs.
    const isWritten = (i: number) => program.storage[i][1].endsWith('out');
    const clash = bindings.findIndex(
      ({ id }, i) => isWritten(i) && bindings.some((other, j) => other.id === id && !isWritten(j)),
    );
    if (clash >= 0 && this.arenas.release(tensors[clash].dataId)) bindings = this.prepare(program, tensors);
    this.collected.push({ program, bindings, words: packParameters(program, parameters), groups: extents });
    if (++this.tfjsQueue.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) this.flush();
  }

  /** a + b, of the same shape. */
  sum(a: TensorInfo, b: TensorInfo): TensorInfo {
    const y = this.output(a.shape);
    const size = util.sizeFromShape(a.shape);
    this.run(adding, [a, b, y], { size }, Math.ceil(size / 64));
    return y;
  }

  /** A tensor of one number throughout. */
  fill(shape: number[], value: number): TensorInfo {
    const y = this.output(shape);
    const size = util.sizeFromShape(shape);
    this.run(filling, [y], { size, value }, Math.ceil(size / 64));
    return y;
  }

  /** Hands all commands to the GPU. */
  flush(): void {
    this.encode();
    this.endComputePassEncoder();
    if (this.tfjsQueue.commandEncoder) this.submitQueue();
  }

  /** Compiles ahead, without holding up the thread. */
  compile(programs: GpuProgram[]): Promise<void> {
    return this.launcher.compile(programs);
  }

  override submitQueue(): void {
    this.encode();
    this.endComputePassEncoder();
    this.launcher.writeParameters();
    super.submitQueue();
    this.submits++;
  }

  /** Small values go by writeBuffer: no staging buffer, and the compute pass stays open (tfjs would end it). */
  override uploadToGPU(dataId: object): void {
    const data = this.tensorMap.get(dataId);
    const size = util.sizeFromShape(data.shape);
    if (data.resource != null || !data.values || size === 0) {
      super.uploadToGPU(dataId);
      return;
    }
    const values = data.values as ArrayLike<number>;
    const whole = data.dtype === 'int32' || data.dtype === 'bool';
    const words = whole
      ? values instanceof Int32Array
        ? values
        : Int32Array.from(values)
      : values instanceof Float32Array
        ? values
        : Float32Array.from(values);
    // A pooled buffer is free only after the submit of all commands that use it, so writing ahead of the queue is safe.
    const buffer = this.bufferManager.acquireBuffer(
      size * 4,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    );
    this.queue.writeBuffer(buffer, 0, words as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>);
    Object.assign(data, { values: null, resource: buffer });
  }

  /** Writes bytes into a tensor, slice after slice (byteWriter.ts). @returns another name for the tensor */
  writeBytes(target: TensorInfo, offset: number, bytes: Uint8Array): TensorInfo {
    // What filled the tensor before must not come after this.
    this.flush();
    this.uploadToGPU(target.dataId);
    const data: TensorData = this.tensorMap.get(target.dataId);
    if (!(data.resource instanceof GPUBuffer))
      throw new Error('webgpu: expected a tensor in a GPU buffer to write to.');
    this.byteWriter.write(data.resource, data.window?.offset ?? 0, offset, bytes);
    this.incRef(target.dataId);
    return { dataId: target.dataId, shape: target.shape, dtype: target.dtype };
  }

  /** Unlike tfjs, keeps no copy beside the tensor: our kernels change tensors in place, so a copy would lie. */
  override async read(dataId: object): Promise<BackendValues> {
    const data: TensorData = this.tensorMap.get(dataId);
    const size = util.sizeFromShape(data.shape);
    if (data.values != null || size === 0 || !(data.resource instanceof GPUBuffer)) return super.read(dataId);
    this.tfjsQueue.commandQueueOwnedIds.add(dataId);
    const bytes = await this.readBack.read(data.resource, data.window?.offset ?? 0, size * 4);
    if (this.fault) {
      throw new Error(`webgpu: ${this.fault}`);
    }
    return util.convertBackendValuesAndArrayBuffer(bytes, data.dtype);
  }

  override readSync(dataId: object): BackendValues {
    const { values } = this.tensorMap.get(dataId);
    if (values != null) return values;
    throw new Error('webgpu: expected an asynchronous read, got dataSync or arraySync. Use await tensor.data().');
  }

  override dispose(): void {
    if (this.closing) return;
    this.closing = true;
    super.dispose();
    this.launcher.dispose();
    this.device.destroy();
  }

  private get tfjsQueue(): TfjsQueue {
    return this as unknown as TfjsQueue;
  }

  /** What tfjs keeps private and we do otherwise. */
  private replaceInherited(pool: BufferPool): void {
    const { recordAndSubmit, releaseResource, tensorToBinding } = WebGPUBackend.prototype as unknown as TfjsQueue & {
      tensorToBinding(tensor?: TensorInfo): GPUBindingResource | null;
    };
    Object.assign(this, {
      bufferManager: pool,
      recordAndSubmit: (...all: unknown[]) => {
        this.encode();
        recordAndSubmit.apply(this, all);
      },
      releaseResource: (dataId: object) => {
        if (!this.arenas.release(dataId)) releaseResource.call(this, dataId);
      },
      tensorToBinding: (tensor?: TensorInfo) => {
        const data: TensorData | undefined = tensor && this.tensorMap.get(tensor.dataId);
        if (!data?.window) return tensorToBinding.call(this, tensor);
        return { buffer: data.resource, offset: data.window.offset, size: 4 * util.sizeFromShape(data.shape) };
      },
    });
  }

  private arenaHost(pool: BufferPool): ArenaHost {
    return {
      pool,
      dataOf: (dataId) => this.tensorMap.get(dataId),
      upload: (dataId) => this.uploadToGPU(dataId),
      wholeOf: (buffer, bytes) => {
        const info = this.makeTensorInfo([bytes / 4], 'float32');
        Object.assign(this.tensorMap.get(info.dataId), { resource: buffer, external: true });
        return info;
      },
      forget: (tensor) => this.disposeData(tensor.dataId),
      own: (dataId) => this.tfjsQueue.commandQueueOwnedIds.add(dataId),
      encoder: () => {
        this.encode();
        return this.encoderOutsidePass();
      },
      releaseLater: (buffer) => void this.tfjsQueue.uniformPendingDisposal.push(buffer),
      destroyLater: (buffer) => {
        const isInUse = this.tfjsQueue.commandEncoder !== null || this.collected.length > 0;
        if (isInUse) this.tfjsQueue.stagingPendingDisposal.push(buffer);
        else pool.releaseBuffer(buffer, false);
      },
    };
  }

  private encoderOutsidePass(): GPUCommandEncoder {
    this.encode();
    this.endComputePassEncoder();
    this.ensureCommandEncoderReady();
    return this.tfjsQueue.commandEncoder as GPUCommandEncoder;
  }

  /** Turns the collected launches into commands. */
  private encode(): void {
    if (this.collected.length === 0) return;
    const isDead = (dataId: object) => !this.tensorMap.has(dataId) || this.tensorMap.get(dataId).refCount <= 0;
    const seen = dropUnseen(this.collected, filling, isDead);
    const launches = foldSums(seen, adding, isDead, this.device.limits.maxStorageBuffersPerShaderStage);
    this.collected = [];
    this.launcher.encode(launches, () => {
      const queue = this.tfjsQueue;
      this.ensureCommandEncoderReady();
      queue.computePassEncoder ??= queue.commandEncoder?.beginComputePass() ?? null;
      if (!queue.computePassEncoder) throw new Error('webgpu: expected an open compute pass, got none. Restart it.');
      return queue.computePassEncoder;
    });
  }

  private prepare(program: GpuProgram, tensors: TensorInfo[]): Binding[] {
    const { storage, name } = program;
    if (tensors.length !== storage.length) {
      throw new RangeError(`${name}: expected ${storage.length} tensors, got ${tensors.length}.`);
    }
    const owned = this.tfjsQueue.commandQueueOwnedIds;
    return tensors.map((tensor, index) => {
      const [binding, kind] = storage[index];
      const whole = tensor.dtype === 'int32' || tensor.dtype === 'bool';
      if (whole !== kind.startsWith('i32')) {
        throw new RangeError(`${name}: expected ${binding} to be ${kind}, got a tensor of ${tensor.dtype}. Cast it.`);
      }
      this.uploadToGPU(tensor.dataId);
      owned.add(tensor.dataId);
      const { resource, window }: TensorData = this.tensorMap.get(tensor.dataId);
      if (!(resource instanceof GPUBuffer)) {
        throw new Error(`${name}: expected ${binding} in a GPU buffer, got [${tensor.shape}] elsewhere.`);
      }
      const size = window ? 4 * util.sizeFromShape(tensor.shape) : resource.size;
      return {
        buffer: resource,
        id: this.bufferId(resource),
        offset: window?.offset ?? 0,
        size,
        dataId: tensor.dataId,
      };
    });
  }

  private bufferId(buffer: GPUBuffer): number {
    let id = this.bufferIds.get(buffer);
    if (id === undefined) {
      id = this.nextBufferId++;
      this.bufferIds.set(buffer, id);
    }
    return id;
  }
}
