// The truth of SwiGLU, float64.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

export function referenceSwiglu(gate: FloatTensor, up: FloatTensor): FloatTensor {
  return floats(
    gate.shape,
    gate.data.map((z, i) => z * sigmoid(z) * up.data[i]),
  );
}

/** silu'(z) = σ(z)·(1 + z·(1 − σ(z))). @returns [dgate, dup] */
function referenceSwigluGrad(gate: FloatTensor, up: FloatTensor, dy: FloatTensor): FloatTensor[] {
  const dGate = gate.data.map((z, i) => dy.data[i] * up.data[i] * sigmoid(z) * (1 + z * sigmoid(-z)));
  const dUp = gate.data.map((z, i) => dy.data[i] * z * sigmoid(z));
  return [floats(gate.shape, dGate), floats(up.shape, dUp)];
}

registerCpuKernel('SwiGlu', (inputs) => referenceSwiglu(inputs.f('gate'), inputs.f('up')));
registerCpuKernel('SwiGluGrad', (inputs) => referenceSwigluGrad(inputs.f('gate'), inputs.f('up'), inputs.f('dy')));
