// GELU for `webgpu`: one thread per element.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram } from '../../backend/webgpu/gpuProgram';
import type { GeluAttrs, GeluForm } from './gelu';

/** Φ(x) and its derivative; exp overflows beyond 88 in f32. erfc as in gelu.as.ts. */
const distribution = (form: GeluForm) =>
  form === 'tanh'
    ? `
fn phi(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(clamp(-1.5957691216057308 * (x + 0.044715 * x * x * x), -80.0, 80.0)));
}
fn density(x: f32) -> f32 {
  let s = phi(x);
  return s * (1.0 - s) * 1.5957691216057308 * (1.0 + 0.134145 * x * x);
}`
    : `
fn erfcOf(z: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.5 * z);
  let p = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
    + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  return t * exp(max(p - z * z, -80.0));
}
fn phi(x: f32) -> f32 {
  let half = 0.5 * erfcOf(abs(x) * 0.7071067811865476);
  return select(1.0 - half, half, x < 0.0);
}
fn density(x: f32) -> f32 { return 0.3989422804014327 * exp(max(-0.5 * x * x, -80.0)); }`;

const forward = (form: GeluForm, gated: boolean): GpuProgram =>
  defineProgram(`${gated ? 'GeGlu' : 'Gelu'} ${form}`, () => ({
    storage: { x: 'f32', ...(gated ? { up: 'f32' as const } : {}), y: 'f32 out' },
    parameters: { size: 'u32' },
    declarations: distribution(form),
    body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) { y[i] = x[i] * phi(x[i])${gated ? ' * up[i]' : ''}; }`,
  }));

const gradient = (form: GeluForm, gated: boolean): GpuProgram =>
  defineProgram(`${gated ? 'GeGluGrad' : 'GeluGrad'} ${form}`, () => ({
    storage: {
      x: 'f32',
      ...(gated ? { up: 'f32' as const } : {}),
      dy: 'f32',
      dx: 'f32 out',
      ...(gated ? { dUp: 'f32 out' as const } : {}),
    },
    parameters: { size: 'u32' },
    declarations: distribution(form),
    body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    let p = phi(x[i]);
    dx[i] = dy[i] * (p + x[i] * density(x[i]))${gated ? ' * up[i]' : ''};${gated ? '\n    dUp[i] = dy[i] * x[i] * p;' : ''}
  }`,
  }));

for (const form of ['erf', 'tanh'] as const) {
  for (const gated of [false, true]) for (const program of [forward, gradient]) program(form, gated);
}

const sizeOf = (tensor: TensorInfo) => util.sizeFromShape(tensor.shape);

registerGpuKernel<GeluAttrs>('Gelu', (backend, { x }, { form }) => {
  const y = backend.output(x.shape);
  backend.run(forward(form, false), [x, y], { size: sizeOf(x) }, Math.ceil(sizeOf(x) / 64));
  return y;
});

registerGpuKernel<GeluAttrs>('GeluGrad', (backend, { x, dy }, { form }) => {
  const dx = backend.output(x.shape);
  backend.run(gradient(form, false), [x, dy, dx], { size: sizeOf(x) }, Math.ceil(sizeOf(x) / 64));
  return dx;
});

registerGpuKernel<GeluAttrs>('GeGlu', (backend, { gate, up }, { form }) => {
  const y = backend.output(gate.shape);
  backend.run(forward(form, true), [gate, up, y], { size: sizeOf(gate) }, Math.ceil(sizeOf(gate) / 64));
  return y;
});

registerGpuKernel<GeluAttrs>('GeGluGrad', (backend, { gate, up, dy }, { form }) => {
  const [dGate, dUp] = [backend.output(gate.shape), backend.output(up.shape)];
  backend.run(gradient(form, true), [gate, up, dy, dGate, dUp], { size: sizeOf(gate) }, Math.ceil(sizeOf(gate) / 64));
  return [dGate, dUp];
});
