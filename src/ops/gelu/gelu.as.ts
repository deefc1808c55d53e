// AssemblyScript. gelu(x), gelu(gate)·up and their gradients, with erf or by tanh.
import { exp4, fma } from '../../backend/simd/math.as';
import { getI, getP, parallel, setI, setP } from '../../backend/simd/parallel.as';

const CHUNK: i32 = 4096;
const N = 0, FORM = 1, GATE = 2, UP = 3, DY = 4, Y = 5, D_UP = 6;
/** FORM: 1 = tanh, 0 = erf */
const ROOT_2_OVER_PI: f32 = 0.7978845608028654;
const CUBIC: f32 = 0.044715;
const ROOT_HALF: f32 = 0.7071067811865476;
/** 1/√(2π) */
const DENSITY: f32 = 0.3989422804014327;

/**
 * erfc(z) of z ≥ 0, at most 1.2e-7 of its value off: t·exp(−z² + a polynomial in t = 1/(1 + z/2)) (Chebyshev fit of Press et al.,
 * Numerical Recipes, section 6.2).
 */
// @ts-ignore: decorator
@inline function erfc4(z: v128): v128 {
  const t = f32x4.div(f32x4.splat(1), fma(z, f32x4.splat(0.5), f32x4.splat(1)));
  let p = fma(t, f32x4.splat(0.17087277), f32x4.splat(-0.82215223));
  p = fma(p, t, f32x4.splat(1.48851587));
  p = fma(p, t, f32x4.splat(-1.13520398));
  p = fma(p, t, f32x4.splat(0.27886807));
  p = fma(p, t, f32x4.splat(-0.18628806));
  p = fma(p, t, f32x4.splat(0.09678418));
  p = fma(p, t, f32x4.splat(0.37409196));
  p = fma(p, t, f32x4.splat(1.00002368));
  p = fma(p, t, f32x4.splat(-1.26551223));
  return f32x4.mul(t, exp4(f32x4.sub(p, f32x4.mul(z, z))));
}

/** Φ(x) of the form. */
// @ts-ignore: decorator
@inline function phi4(x: v128, form: i32): v128 {
  if (form) {
    const inner = f32x4.mul(fma(f32x4.mul(f32x4.mul(x, x), x), f32x4.splat(CUBIC), x), f32x4.splat(-2 * ROOT_2_OVER_PI));
    return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(inner)));
  }
  const half = f32x4.mul(f32x4.splat(0.5), erfc4(f32x4.mul(f32x4.abs(x), f32x4.splat(ROOT_HALF))));
  return v128.bitselect(half, f32x4.sub(f32x4.splat(1), half), f32x4.lt(x, f32x4.splat(0)));
}

/** (x·Φ)' = Φ + x·Φ' */
// @ts-ignore: decorator
@inline function slope4(x: v128, phi: v128, form: i32): v128 {
  const square = f32x4.mul(x, x);
  if (form) {
    const inner = f32x4.mul(fma(square, f32x4.splat(3 * CUBIC), f32x4.splat(1)), f32x4.splat(2 * ROOT_2_OVER_PI));
    const bell = f32x4.mul(phi, f32x4.sub(f32x4.splat(1), phi));
    return fma(f32x4.mul(x, bell), inner, phi);
  }
  const density = f32x4.mul(f32x4.splat(DENSITY), exp4(f32x4.mul(square, f32x4.splat(-0.5))));
  return fma(x, density, phi);
}

/** The last one to three of a chunk go through the same arithmetic in one lane. */
// @ts-ignore: decorator
@inline function read4(at: usize, whole: bool): v128 { return whole ? v128.load(at) : v128.load32_splat(at); }
// @ts-ignore: decorator
@inline function write4(at: usize, value: v128, whole: bool): void {
  if (whole) v128.store(at, value);
  else store<f32>(at, f32x4.extract_lane(value, 0));
}

function forwardChunk(chunk: i32, scratch: usize): void {
  const form = getI(FORM), hasUp = getP(UP) != 0;
  const end = min(getI(N), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end;) {
    const whole = i + 4 <= end, at = <usize>i << 2;
    const x = read4(getP(GATE) + at, whole);
    let y = f32x4.mul(x, phi4(x, form));
    if (hasUp) y = f32x4.mul(y, read4(getP(UP) + at, whole));
    write4(getP(Y) + at, y, whole);
    i += whole ? 4 : 1;
  }
}

/** gate, up (0 = none), y: n floats each */
export function gelu(n: i32, form: i32, gate: usize, up: usize, y: usize): void {
  setI(N, n); setI(FORM, form); setP(GATE, gate); setP(UP, up); setP(Y, y);
  parallel(forwardChunk, (n + CHUNK - 1) / CHUNK);
}

function gradChunk(chunk: i32, scratch: usize): void {
  const form = getI(FORM), hasUp = getP(UP) != 0;
  const end = min(getI(N), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end;) {
    const whole = i + 4 <= end, at = <usize>i << 2;
    const x = read4(getP(GATE) + at, whole), d = read4(getP(DY) + at, whole);
    const phi = phi4(x, form), slope = slope4(x, phi, form);
    if (hasUp) {
      write4(getP(Y) + at, f32x4.mul(f32x4.mul(d, read4(getP(UP) + at, whole)), slope), whole);
      write4(getP(D_UP) + at, f32x4.mul(d, f32x4.mul(x, phi)), whole);
    } else write4(getP(Y) + at, f32x4.mul(d, slope), whole);
    i += whole ? 4 : 1;
  }
}

/** up and dUp 0 = none */
export function geluGrad(n: i32, form: i32, gate: usize, up: usize, dy: usize, dGate: usize, dUp: usize): void {
  setI(N, n); setI(FORM, form); setP(GATE, gate); setP(UP, up); setP(DY, dy); setP(Y, dGate); setP(D_UP, dUp);
  parallel(gradChunk, (n + CHUNK - 1) / CHUNK);
}
