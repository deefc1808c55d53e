// Every WGSL program is compiled and a pipeline made of it on Dawn's null backend: needs no GPU, takes milliseconds, and
// runs the same validation as a browser.
import { afterAll, beforeAll, expect, test } from 'vitest';
import '../../ops/registerWebgpu';
import { definedPrograms, type GpuProgram, packParameters } from './gpuProgram';
import { startForTests, type TestDevice } from './startForTests';

let device: TestDevice | null = null;
beforeAll(async () => {
  const started = await startForTests('null');
  device = started.device;
  if (!device) throw new Error(`compile sweep: expected Dawn's null backend, ${started.reason}. Run npm ci again.`);
});
afterAll(() => device?.stop());

/** What Dawn has against a program; null when it is content. */
async function complaint(gpu: GPUDevice, program: GpuProgram, source = program.source): Promise<string | null> {
  gpu.pushErrorScope('validation');
  const module = gpu.createShaderModule({ code: source });
  const pipeline = gpu.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  // A binding the shader does not use is missing from an automatic layout: a bind group finds that.
  const storage = program.storage.map((_, binding) => ({
    binding,
    resource: { buffer: gpu.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE }) },
  }));
  const size = Math.ceil(program.parameters.length / 4) * 16;
  const uniform = gpu.createBuffer({ size, usage: GPUBufferUsage.UNIFORM });
  gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...storage, { binding: storage.length, resource: { buffer: uniform } }],
  });
  return (await gpu.popErrorScope())?.message ?? null;
}

test('every program compiles, uses all its bindings and fits the smallest device', async () => {
  const gpu = device?.backend.device as GPUDevice;
  expect(gpu.limits.maxStorageBuffersPerShaderStage).toBe(8); // as small as WebGPU allows
  const programs = definedPrograms();
  expect(programs.length).toBeGreaterThan(50);
  const complaints: string[] = [];
  for (const program of programs) {
    expect(program.storage.length, program.name).toBeLessThanOrEqual(gpu.limits.maxStorageBuffersPerShaderStage);
    const found =
      (await complaint(gpu, program)) ??
      (program.subgroupSource !== program.source ? await complaint(gpu, program, program.subgroupSource) : null);
    if (found) complaints.push(`${program.name}: ${found}`);
  }
  expect(complaints).toEqual([]);
});

test('the sweep hears of a broken program', async () => {
  const gpu = device?.backend.device as GPUDevice;
  const [good] = definedPrograms();
  const broken = { ...good, source: good.source.replace('fn main(', 'fn main( oops') };
  const unused: GpuProgram = { ...good, storage: [...good.storage, ['extra', 'f32']] };
  expect(await complaint(gpu, good)).toBeNull();
  expect(await complaint(gpu, broken)).toMatch(/oops|expected/);
  expect(await complaint(gpu, unused)).not.toBeNull();
});

test('parameters are packed as the shader declares them', () => {
  const program: GpuProgram = {
    name: 'three',
    storage: [],
    parameters: [
      ['rows', 'u32'],
      ['scale', 'f32'],
      ['least', 'f32'],
    ],
    workgroup: [64, 1],
    declarations: '',
    body: '',
    source: '',
    subgroupSource: '',
    plus: null,
  };
  const words = packParameters(program, { rows: 7, scale: 0.5, least: Number.NEGATIVE_INFINITY });
  expect([...words]).toEqual([7, 0x3f000000, 0xff800000]);
  expect(() => packParameters(program, { rows: 7 })).toThrow('three: expected the parameter scale, got rows');
});
