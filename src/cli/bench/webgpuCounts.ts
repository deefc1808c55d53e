// What a training step asks of a GPU, counted on Dawn's null backend (everything is checked and compiled, nothing computed):
// no speed, but the calls that a real GPU pays for one by one.
import { startForTests } from '../../backend/webgpu/startForTests';
import '../../ops/registerWebgpu';
import { BENCH_CONFIG, type TrainLoad } from './benchModel';
import { oursSide } from './ours';

export interface WebgpuCounts {
  /** (dispatches of a step with all layers − of one with half of them) / the layers between */
  dispatches_per_layer: number;
  dispatches: number;
  submits_per_step: number;
  buffers_created: number;
}

/** Loads repeat; after so many steps every pipeline and buffer is there. */
const WARM_UP = 4;
const COUNTED = 3;

interface StepCounts {
  dispatches: number;
  submits: number;
  buffers: number;
}

/** Wraps what is asked of the device and the encoders made from it. */
function countCalls(device: GPUDevice): StepCounts {
  const counts: StepCounts = { dispatches: 0, submits: 0, buffers: 0 };
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    counts.buffers++;
    return createBuffer(descriptor);
  };
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (buffers) => {
    counts.submits++;
    submit(buffers);
  };
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
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

async function countStep(device: GPUDevice, load: TrainLoad, layers: number): Promise<StepCounts> {
  const counts = countCalls(device);
  const side = oursSide(load, layers);
  for (let i = 0; i < WARM_UP; i++) await side.trainStep();
  Object.assign(counts, { dispatches: 0, submits: 0, buffers: 0 });
  for (let i = 0; i < COUNTED; i++) await side.trainStep();
  return {
    dispatches: counts.dispatches / COUNTED,
    submits: counts.submits / COUNTED,
    buffers: counts.buffers / COUNTED,
  };
}

/** @returns the reason where this system has no Dawn */
export async function countWebgpu(load: TrainLoad): Promise<WebgpuCounts | string> {
  const layers = BENCH_CONFIG.num_hidden_layers;
  const found: StepCounts[] = [];
  for (const count of [layers / 2, layers]) {
    const { device, reason } = await startForTests('null');
    if (!device) return reason;
    found.push(await countStep(device.backend.device, load, count));
    device.stop();
  }
  const [half, whole] = found;
  return {
    dispatches_per_layer: (whole.dispatches - half.dispatches) / (layers / 2),
    dispatches: whole.dispatches,
    submits_per_step: whole.submits,
    buffers_created: whole.buffers,
  };
}
