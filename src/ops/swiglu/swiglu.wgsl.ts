// SwiGLU for `webgpu`: one thread per element.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram } from '../../backend/webgpu/gpuProgram';

/** exp overflows beyond 88 in f32; a clamped sigmoid is exact to the last bit there. A NaN comes through `z` itself. */
const sigmoid = 'fn sigmoid(z: f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(z, -80.0, 80.0))); }';

const forward = defineProgram('SwiGlu', () => ({
  storage: { gate: 'f32', up: 'f32', y: 'f32 out' },
  parameters: { size: 'u32' },
  declarations: sigmoid,
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) { y[i] = gate[i] * sigmoid(gate[i]) * up[i]; }`,
}));

// silu'(z) = σ(z)·(1 + z·(1 − σ(z)))
const gradient = defineProgram('SwiGluGrad', () => ({
  storage: { gate: 'f32', up: 'f32', dy: 'f32', dGate: 'f32 out', dUp: 'f32 out' },
  parameters: { size: 'u32' },
  declarations: sigmoid,
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    let z = gate[i];
    let s = sigmoid(z);
    dGate[i] = dy[i] * up[i] * s * (1.0 + z * sigmoid(-z));
    dUp[i] = dy[i] * z * s;
  }`,
}));

const sizeOf = (tensor: TensorInfo) => util.sizeFromShape(tensor.shape);

registerGpuKernel('SwiGlu', (backend, { gate, up }) => {
  const y = backend.output(gate.shape);
  backend.run(forward, [gate, up, y], { size: sizeOf(gate) }, Math.ceil(sizeOf(gate) / 64));
  return y;
});

registerGpuKernel('SwiGluGrad', (backend, { gate, up, dy }) => {
  const [dGate, dUp] = [backend.output(gate.shape), backend.output(up.shape)];
  backend.run(gradient, [gate, up, dy, dGate, dUp], { size: sizeOf(gate) }, Math.ceil(sizeOf(gate) / 64));
  return [dGate, dUp];
});
