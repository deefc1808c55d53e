// AssemblyScript. silu(gate)·up and its gradient.
import { exp4, fma } from '../../backend/simd/math.as';
import { getI, getP, parallel, setI, setP } from '../../backend/simd/parallel.as';

const CHUNK: i32 = 4096;

// @ts-ignore: decorator
@inline function chunksOf(n: i32): i32 { return (n + CHUNK - 1) / CHUNK; }

// @ts-ignore: decorator
@inline function sigmoid4(z: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(z))));
}

// @ts-ignore: decorator
@inline function swiglu4(z: v128, up: v128): v128 { return f32x4.mul(f32x4.mul(z, sigmoid4(z)), up); }

function forwardChunk(chunk: i32, scratch: usize): void {
  const first = <usize>(chunk * CHUNK) << 2;
  const n = min(CHUNK, getI(0) - chunk * CHUNK);
  const gate = getP(1) + first;
  const up = getP(2) + first;
  const y = getP(3) + first;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, swiglu4(v128.load(gate + at), v128.load(up + at)));
  }
  // The last one to three by the same arithmetic in one lane.
  for (; i < n; i++) {
    const at = <usize>i << 2;
    const value = swiglu4(v128.load32_splat(gate + at), v128.load32_splat(up + at));
    store<f32>(y + at, f32x4.extract_lane(value, 0));
  }
}

/** gate, up, y: n floats each */
export function swiglu(n: i32, gate: usize, up: usize, y: usize): void {
  setI(0, n);
  setP(1, gate);
  setP(2, up);
  setP(3, y);
  parallel(forwardChunk, chunksOf(n));
}

/** silu'(z) = σ + z·σ·(1 − σ). */
// @ts-ignore: decorator
@inline function slope4(z: v128, sigma: v128): v128 {
  return fma(f32x4.mul(z, sigma), f32x4.sub(f32x4.splat(1), sigma), sigma);
}

function gradChunk(chunk: i32, scratch: usize): void {
  const first = <usize>(chunk * CHUNK) << 2;
  const n = min(CHUNK, getI(0) - chunk * CHUNK);
  const gate = getP(1) + first;
  const up = getP(2) + first;
  const dy = getP(3) + first;
  const dGate = getP(4) + first;
  const dUp = getP(5) + first;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const z = v128.load(gate + at);
    const d = v128.load(dy + at);
    const sigma = sigmoid4(z);
    v128.store(dGate + at, f32x4.mul(f32x4.mul(d, v128.load(up + at)), slope4(z, sigma)));
    v128.store(dUp + at, f32x4.mul(d, f32x4.mul(z, sigma)));
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    const z = v128.load32_splat(gate + at);
    const d = v128.load32_splat(dy + at);
    const sigma = sigmoid4(z);
    const dz = f32x4.mul(f32x4.mul(d, v128.load32_splat(up + at)), slope4(z, sigma));
    store<f32>(dGate + at, f32x4.extract_lane(dz, 0));
    store<f32>(dUp + at, f32x4.extract_lane(f32x4.mul(d, f32x4.mul(z, sigma)), 0));
  }
}

export function swigluGrad(n: i32, gate: usize, up: usize, dy: usize, dGate: usize, dUp: usize): void {
  setI(0, n);
  setP(1, gate);
  setP(2, up);
  setP(3, dy);
  setP(4, dGate);
  setP(5, dUp);
  parallel(gradChunk, chunksOf(n));
}
