// Our subclass of tfjs' WebGPU backend: tfjs keeps tensors, buffers and its own kernels; ours are launched here as raw
// pipelines in the same command encoder and pass, so that the order of commands is the order of calls.
// tfjs 4.22 keeps its queue in private fields; `TfjsQueue` names those this file relies on (the version is pinned).

import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type BackendValues, type DataType, env, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { BufferPool } from './bufferPool';
import { isSoftwareAdapter } from './gpuAdapter';
import { type GpuProgram, packParameters } from './gpuProgram';
import { ReadBack } from './readBack';

interface TfjsQueue {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  commandQueueOwnedIds: WeakSet<object>;
}

/** Caches are emptied when they reach this many entries. */
const MOST_UNIFORMS = 1024;
const MOST_BIND_GROUPS = 4096;

export interface GpuStatistics {
  /** of our own kernels */
  dispatches: number;
  submits: number;
}

export class GpuBackend extends WebGPUBackend {
  readonly statistics: GpuStatistics = { dispatches: 0, submits: 0 };
  /** Set when the device is destroyed by `dispose`, so that this is not reported as a loss. */
  closing = false;
  /** The CPU plays the GPU: barriers are dear there, so kernels may choose a text without them. Tests set it. */
  isSoftware: boolean;
  private fault: string | null = null;
  private readonly readBack: ReadBack;
  private readonly pipelines = new Map<GpuProgram, { pipeline: GPUComputePipeline; id: number }>();
  private readonly uniforms = new Map<string, GPUBuffer>();
  private readonly bindGroups = new Map<string, GPUBindGroup>();
  private readonly bufferIds = new WeakMap<GPUBuffer, number>();
  private nextBufferId = 0;

  constructor(device: GPUDevice, adapterInfo?: GPUAdapterInfo) {
    super(device, adapterInfo);
    this.isSoftware = isSoftwareAdapter(adapterInfo ?? {});
    const queue = this as unknown as TfjsQueue;
    if (queue.commandEncoder !== null || !(queue.commandQueueOwnedIds instanceof WeakSet)) {
      throw new Error(
        'webgpu: expected the queue of @tensorflow/tfjs-backend-webgpu 4.22, got another layout. Install the pinned version.',
      );
    }
    const pool = new BufferPool(device);
    Object.assign(this, { bufferManager: pool });
    const encoder = () => {
      this.endComputePassEncoder();
      this.ensureCommandEncoderReady();
      return queue.commandEncoder as GPUCommandEncoder;
    };
    this.readBack = new ReadBack(pool, encoder, () => this.flush());
    device.addEventListener('uncapturederror', (event) => {
      this.fault ??= (event as GPUUncapturedErrorEvent).error.message;
    });
  }

  /** A new tensor with undefined content. */
  output(shape: number[], dtype: DataType = 'float32'): TensorInfo {
    return this.makeTensorInfo(shape, dtype);
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
    const [x, y, z] = typeof groups === 'number' ? this.spread(groups) : groups;
    if (x * y * z === 0) return;
    const buffers = this.prepare(program, tensors);
    const { pipeline, id } = this.pipeline(program);
    const bindGroup = this.bindGroup(pipeline, id, buffers, packParameters(program, parameters));
    const queue = this as unknown as TfjsQueue;
    this.ensureCommandEncoderReady();
    queue.computePassEncoder ??= queue.commandEncoder?.beginComputePass() ?? null;
    const pass = queue.computePassEncoder;
    if (!pass) throw new Error(`${program.name}: expected an open compute pass, got none. Restart the backend.`);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(x, y, z);
    this.statistics.dispatches++;
    if (++queue.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) this.flush();
  }

  /** Hands all encoded commands to the GPU. */
  flush(): void {
    this.endComputePassEncoder();
    if ((this as unknown as TfjsQueue).commandEncoder) this.submitQueue();
  }

  /** Compiles ahead, without holding up the thread. */
  async compile(programs: GpuProgram[]): Promise<void> {
    await Promise.all(
      programs.map(async (program) => {
        if (this.pipelines.has(program)) return;
        const pipeline = await this.device.createComputePipelineAsync(this.describe(program));
        this.pipelines.set(program, { pipeline, id: this.pipelines.size });
      }),
    );
  }

  override submitQueue(): void {
    super.submitQueue();
    this.statistics.submits++;
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

  /** Unlike tfjs, keeps no copy beside the tensor: our kernels change tensors in place, so a copy would lie. */
  override async read(dataId: object): Promise<BackendValues> {
    const data = this.tensorMap.get(dataId);
    const size = util.sizeFromShape(data.shape);
    if (data.values != null || size === 0 || !(data.resource instanceof GPUBuffer)) return super.read(dataId);
    (this as unknown as TfjsQueue).commandQueueOwnedIds.add(dataId);
    const bytes = await this.readBack.read(data.resource, size * 4);
    if (this.fault) {
      throw new Error(`webgpu: expected every command to be valid, the device answered "${this.fault}".`);
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
    for (const buffer of this.uniforms.values()) buffer.destroy();
    this.device.destroy();
  }

  private prepare(program: GpuProgram, tensors: TensorInfo[]): GPUBuffer[] {
    const { storage, name } = program;
    if (tensors.length !== storage.length) {
      throw new RangeError(`${name}: expected ${storage.length} tensors, got ${tensors.length}.`);
    }
    const owned = (this as unknown as TfjsQueue).commandQueueOwnedIds;
    return tensors.map((tensor, index) => {
      const [binding, kind] = storage[index];
      const whole = tensor.dtype === 'int32' || tensor.dtype === 'bool';
      if (whole !== kind.startsWith('i32')) {
        throw new RangeError(`${name}: expected ${binding} to be ${kind}, got a tensor of ${tensor.dtype}. Cast it.`);
      }
      this.uploadToGPU(tensor.dataId);
      owned.add(tensor.dataId);
      const { resource } = this.tensorMap.get(tensor.dataId);
      if (!(resource instanceof GPUBuffer)) {
        throw new Error(`${name}: expected ${binding} in a GPU buffer, got [${tensor.shape}] elsewhere.`);
      }
      return resource;
    });
  }

  private describe(program: GpuProgram): GPUComputePipelineDescriptor {
    const module = this.device.createShaderModule({ label: program.name, code: program.source });
    return { label: program.name, layout: 'auto', compute: { module, entryPoint: 'main' } };
  }

  private pipeline(program: GpuProgram): { pipeline: GPUComputePipeline; id: number } {
    let entry = this.pipelines.get(program);
    if (!entry) {
      entry = { pipeline: this.device.createComputePipeline(this.describe(program)), id: this.pipelines.size };
      this.pipelines.set(program, entry);
    }
    return entry;
  }

  private bindGroup(
    pipeline: GPUComputePipeline,
    pipelineId: number,
    buffers: GPUBuffer[],
    words: Uint32Array<ArrayBuffer>,
  ): GPUBindGroup {
    const all = [...buffers, this.uniform(words)];
    const key = `${pipelineId}:${all.map((buffer) => this.bufferId(buffer)).join()}`;
    let group = this.bindGroups.get(key);
    if (!group) {
      if (this.bindGroups.size >= MOST_BIND_GROUPS) this.bindGroups.clear();
      group = this.device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: all.map((buffer, binding) => ({ binding, resource: { buffer } })),
      });
      this.bindGroups.set(key, group);
    }
    return group;
  }

  /** One buffer per content, never written again: parameters repeat from step to step. */
  private uniform(words: Uint32Array<ArrayBuffer>): GPUBuffer {
    const key = words.join();
    let buffer = this.uniforms.get(key);
    if (!buffer) {
      if (this.uniforms.size >= MOST_UNIFORMS) {
        // Commands not yet submitted may still use them, so they are left to the garbage collector, not destroyed.
        this.uniforms.clear();
        this.bindGroups.clear();
      }
      buffer = this.device.createBuffer({
        size: words.byteLength,
        usage: GPUBufferUsage.UNIFORM,
        mappedAtCreation: true,
      });
      new Uint32Array(buffer.getMappedRange()).set(words);
      buffer.unmap();
      this.uniforms.set(key, buffer);
    }
    return buffer;
  }

  private bufferId(buffer: GPUBuffer): number {
    let id = this.bufferIds.get(buffer);
    if (id === undefined) {
      id = this.nextBufferId++;
      this.bufferIds.set(buffer, id);
    }
    return id;
  }

  /** One dimension holds at most 65,535 workgroups; shaders read their linear index. */
  private spread(count: number): [number, number, number] {
    const most = this.device.limits.maxComputeWorkgroupsPerDimension;
    if (count <= most) return [count, 1, 1];
    const y = Math.ceil(count / most);
    return [Math.ceil(count / y), y, 1];
  }
}
