// What a training step asks of a GPU, counted on Dawn's null backend (everything is checked and compiled, nothing computed):
// no speed, but the calls that a real GPU pays for one by one.
import { startForTests, type TestDevice } from '../../backend/webgpu/startForTests';
import '../../ops/registerWebgpu';
import type { AdapterConfig } from '../../models/adapter';
import { BENCH_CONFIG, type TrainLoad } from '../../worker/benchModel';
import { oursSide } from '../../worker/benchSide';

export interface WebgpuCounts {
  /** (dispatches of a step with all layers − of one with half of them) / the layers between */
  dispatches_per_layer: number;
  /** the same with LoRA on all linear layers instead of training all weights */
  dispatches_per_layer_lora: number;
  dispatches: number;
  submits_per_step: number;
  /** per step, like those below */
  buffers_created: number;
  bind_groups_created: number;
  copies: number;
}

const LORA: AdapterConfig = { method: 'lora', r: 16, alpha: 16, targets: [] };

/** Loads repeat; after so many steps every pipeline and buffer is there. */
const WARM_UP = 4;
const COUNTED = 3;

interface StepCounts {
  dispatches: number;
  submits: number;
  buffers: number;
  bindGroups: number;
  copies: number;
}

const NOTHING: StepCounts = { dispatches: 0, submits: 0, buffers: 0, bindGroups: 0, copies: 0 };

/** Wraps what is asked of the device and the encoders made from it. */
function countCalls(device: GPUDevice): StepCounts {
  const counts = { ...NOTHING };
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    counts.buffers++;
    return createBuffer(descriptor);
  };
  const createBindGroup = device.createBindGroup.bind(device);
  device.createBindGroup = (descriptor) => {
    counts.bindGroups++;
    return createBindGroup(descriptor);
  };
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (buffers) => {
    counts.submits++;
    submit(buffers);
  };
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const copy = encoder.copyBufferToBuffer.bind(encoder) as (...all: unknown[]) => undefined;
    encoder.copyBufferToBuffer = (...all: unknown[]) => {
      counts.copies++;
      return copy(...all);
    };
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (x, y, z) => {
        counts.dispatches++;
        dispatch(x, y, z);
      };
      return pass;
    };
    return encoder;
  };
  return counts;
}

async function countStep(
  { backend }: TestDevice,
  load: TrainLoad,
  layers: number,
  trained?: AdapterConfig,
): Promise<StepCounts> {
  const counts = countCalls(backend.device);
  const side = oursSide(load, layers, BENCH_CONFIG, trained);
  for (let i = 0; i < WARM_UP; i++) await side.trainStep();
  // Merged programs are compiled in the background, and their bind groups are made with their first launch.
  await backend.settled();
  await side.trainStep();
  Object.assign(counts, NOTHING);
  for (let i = 0; i < COUNTED; i++) await side.trainStep();
  const { dispatches, submits, buffers, bindGroups, copies } = counts;
  const perStep = (n: number) => n / COUNTED;
  return {
    dispatches: perStep(dispatches),
    submits: perStep(submits),
    buffers: perStep(buffers),
    bindGroups: perStep(bindGroups),
    copies: perStep(copies),
  };
}

/** @returns the reason where this system has no Dawn */
export async function countWebgpu(load: TrainLoad): Promise<WebgpuCounts | string> {
  const layers = BENCH_CONFIG.num_hidden_layers;
  const found: StepCounts[] = [];
  for (const trained of [undefined, LORA]) {
    for (const count of [layers / 2, layers]) {
      const { device, reason } = await startForTests('null');
      if (!device) return reason;
      found.push(await countStep(device, load, count, trained));
      device.stop();
    }
  }
  const [half, whole, halfLora, wholeLora] = found;
  return {
    dispatches_per_layer: (whole.dispatches - half.dispatches) / (layers / 2),
    dispatches_per_layer_lora: (wholeLora.dispatches - halfLora.dispatches) / (layers / 2),
    dispatches: whole.dispatches,
    submits_per_step: whole.submits,
    buffers_created: whole.buffers,
    bind_groups_created: whole.bindGroups,
    copies: whole.copies,
  };
}
