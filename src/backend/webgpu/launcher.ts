// Turns launches into commands of a compute pass. Pipelines are compiled once; bind groups are kept by the buffers they bind;
// parameters of all launches of one submit lie in one uniform buffer that is written once per submit, so that no step makes buffers,
// whatever its sizes. A merged program is compiled in the background: until it is ready its parts go one by one.
import type { GpuProgram } from './gpuProgram';
import { arrange, type Binding, type Launch, type MergeLimits } from './launch';
import { type MergedProgram, mergedParameters, mergedProgram } from './mergedProgram';

interface Pipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  id: number;
  /** of the parameters */
  bytes: number;
}

/** What `pipeline` needs to know of a program, merged or not. */
interface Text {
  name: string;
  source: string;
  written: boolean[];
  /** of the parameters */
  bytes: number;
}

const textOf = (program: GpuProgram, hasSubgroups: boolean): Text => ({
  name: program.name,
  source: hasSubgroups ? program.subgroupSource : program.source,
  written: program.storage.map(([, kind]) => kind.endsWith('out')),
  bytes: 4 * program.parameters.length,
});
const textOfMerged = (program: MergedProgram, hasSubgroups: boolean): Text => ({
  name: program.name,
  source: (hasSubgroups && program.subgroupSource) || program.source,
  written: program.written,
  bytes: 4 * program.fields,
});

/** Bytes of the uniform buffer: some 250 launches at the usual alignment. */
const UNIFORM_BYTES = 64 * 1024;
/** The cache of bind groups is emptied when it reaches this many. */
const MOST_BIND_GROUPS = 8192;
/** Parts of one dispatch at most: what its text grows with. */
const MOST_PARTS = 6;

/** Workgroup memory that reductions by subgroups take beyond what the programs' texts say. */
const SPARE_BYTES = 2048;

export class Launcher {
  /** Launches that wait for others share dispatches. Not where the CPU plays the GPU: a dispatch is cheap there, compiling is dear. */
  isMerging: boolean;
  /** Reductions by subgroups. Settable before the first launch, for tests. */
  hasSubgroups: boolean;
  dispatches = 0;
  private readonly pipelines = new Map<GpuProgram | MergedProgram, Pipeline | 'pending'>();
  private readonly compiling = new Set<Promise<void>>();
  private readonly bindGroups = new Map<string, GPUBindGroup>();
  private readonly uniform: GPUBuffer;
  private readonly words = new Uint32Array(UNIFORM_BYTES / 4);
  private used = 0;
  private pipelineCount = 0;
  private readonly alignment: number;

  constructor(
    private readonly device: GPUDevice,
    isSoftware: boolean,
  ) {
    this.isMerging = !isSoftware;
    // Without the number of a subgroup nobody knows which lanes are in it.
    const language = globalThis.navigator?.gpu?.wgslLanguageFeatures;
    this.hasSubgroups = device.features.has('subgroups') && language?.has('subgroup_id') === true;
    this.alignment = device.limits.minUniformBufferOffsetAlignment;
    this.uniform = device.createBuffer({
      label: 'parameters',
      size: UNIFORM_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** Encodes launches in an order that keeps what depends on what. @param pass the open pass; asked anew, as a submit ends it */
  encode(launches: readonly Launch[], pass: () => GPUComputePassEncoder): void {
    const { limits } = this.device;
    const merging: MergeLimits = {
      buffers: limits.maxStorageBuffersPerShaderStage,
      workgroupBytes: limits.maxComputeWorkgroupStorageSize - SPARE_BYTES,
      parts: this.isMerging ? MOST_PARTS : 1,
    };
    for (const batch of arrange(launches, merging)) {
      const program = batch.length > 1 ? mergedProgram(batch) : null;
      const pipeline = program && this.inBackground(program);
      if (program && pipeline) {
        const { words, groups } = mergedParameters(batch);
        const buffers = program.places.map(([part, index]) => batch[part].bindings[index]);
        this.dispatch(pass, pipeline, buffers, words, this.spread(groups));
      } else {
        for (const { program: single, bindings, words, groups } of batch)
          this.dispatch(pass, this.pipeline(single), bindings, words, groups);
      }
    }
  }

  /** Before the commands of `encode` are submitted. */
  writeParameters(): void {
    if (this.used > 0) this.device.queue.writeBuffer(this.uniform, 0, this.words, 0, this.used / 4);
    this.used = 0;
  }

  /** Compiles ahead, without holding up the thread. */
  async compile(programs: readonly GpuProgram[]): Promise<void> {
    await Promise.all(programs.map((program) => this.compileLater(program, textOf(program, this.hasSubgroups))));
  }

  /** Resolves when nothing is being compiled any more. */
  async settled(): Promise<void> {
    while (this.compiling.size > 0) await Promise.all(this.compiling);
  }

  dispose(): void {
    this.uniform.destroy();
  }

  /** A count of workgroups over two dimensions: one holds at most 65,535. Shaders read their linear index. */
  spread(count: number): [number, number, number] {
    const most = this.device.limits.maxComputeWorkgroupsPerDimension;
    if (count <= most) return [count, 1, 1];
    const y = Math.ceil(count / most);
    return [Math.ceil(count / y), y, 1];
  }

  private dispatch(
    pass: () => GPUComputePassEncoder,
    { pipeline, layout, id, bytes }: Pipeline,
    bindings: readonly Binding[],
    words: ArrayLike<number>,
    [x, y, z]: [number, number, number],
  ): void {
    const step = Math.ceil(Math.max(bytes, 4) / this.alignment) * this.alignment;
    if (this.used + step > UNIFORM_BYTES) {
      throw new Error('webgpu: expected at most 64 KiB of parameters per submit, got more. Submit more often.');
    }
    const offset = this.used;
    this.words.set(words, offset / 4);
    this.used += step;
    const encoder = pass();
    encoder.setPipeline(pipeline);
    encoder.setBindGroup(0, this.bindGroup(layout, id, bytes, bindings), [offset]);
    encoder.dispatchWorkgroups(x, y, z);
    this.dispatches++;
  }

  private bindGroup(
    layout: GPUBindGroupLayout,
    pipelineId: number,
    bytes: number,
    bindings: readonly Binding[],
  ): GPUBindGroup {
    let key = `${pipelineId}`;
    for (const { id, offset, size } of bindings) key += `,${id}:${offset}:${size}`;
    let group = this.bindGroups.get(key);
    if (!group) {
      if (this.bindGroups.size >= MOST_BIND_GROUPS) this.bindGroups.clear();
      const storage = bindings.map(({ buffer, offset, size }, binding) => ({
        binding,
        resource: { buffer, offset, size },
      }));
      const parameters = { buffer: this.uniform, offset: 0, size: uniformSize(bytes) };
      const entries = [...storage, { binding: bindings.length, resource: parameters }];
      group = this.device.createBindGroup({ layout, entries });
      this.bindGroups.set(key, group);
    }
    return group;
  }

  /** The pipeline of a merged program, or null while it is being compiled. */
  private inBackground(program: MergedProgram): Pipeline | null {
    const known = this.pipelines.get(program);
    if (known === undefined) void this.compileLater(program, textOfMerged(program, this.hasSubgroups));
    return known === undefined || known === 'pending' ? null : known;
  }

  private async compileLater(program: GpuProgram | MergedProgram, text: Text): Promise<void> {
    if (this.pipelines.has(program)) return;
    const { descriptor, layout } = this.describe(text);
    this.pipelines.set(program, 'pending');
    const job = this.device
      .createComputePipelineAsync(descriptor)
      .then(
        (pipeline) =>
          void this.pipelines.set(program, { pipeline, layout, id: this.pipelineCount++, bytes: text.bytes }),
      )
      // Its parts are launched one by one for good.
      .catch((error) => console.warn(`webgpu: "${text.name}" could not be compiled: ${error}`))
      .finally(() => this.compiling.delete(job));
    this.compiling.add(job);
    await job;
  }

  private pipeline(program: GpuProgram): Pipeline {
    const known = this.pipelines.get(program);
    if (known && known !== 'pending') return known;
    const text = textOf(program, this.hasSubgroups);
    const { descriptor, layout } = this.describe(text);
    const pipeline = this.device.createComputePipeline(descriptor);
    const entry = { pipeline, layout, id: this.pipelineCount++, bytes: text.bytes };
    this.pipelines.set(program, entry);
    return entry;
  }

  /** With a layout of our own, because the parameters' place in their buffer is told at every launch. */
  private describe({ name, source, written, bytes }: Text) {
    const { device } = this;
    const storage = written.map(
      (isWritten, binding): GPUBindGroupLayoutEntry => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: isWritten ? 'storage' : 'read-only-storage' },
      }),
    );
    const parameters: GPUBindGroupLayoutEntry = {
      binding: written.length,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: uniformSize(bytes) },
    };
    const layout = device.createBindGroupLayout({ entries: [...storage, parameters] });
    const descriptor: GPUComputePipelineDescriptor = {
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label: name, code: source }), entryPoint: 'main' },
    };
    return { descriptor, layout };
  }
}

/** Bindings come in 16 bytes. */
const uniformSize = (bytes: number) => Math.ceil(Math.max(bytes, 4) / 16) * 16;
