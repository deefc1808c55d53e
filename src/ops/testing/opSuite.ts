// The body of every op's test, independent of the backend and of the test runner: a suite is a list of checks that run
// on tfjs' current backend and throw. x.cases.ts builds suites, x.test.ts runs them under vitest; a page can run them too.
import { addN, fill, grads, memory, mul, type Scalar, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats, type IndexTensor, type PlainTensor } from '../cpuKernel';
import { assertClose, assertShape } from './compare';
import { normals } from './randomTensor';

export interface OpCheck {
  title: string;
  /** Takes longer than half a minute where the CPU plays the GPU, and shows nothing there that a quicker check does not. */
  slowOnSoftwareGpu?: boolean;
  run(): Promise<void>;
}

export interface OpSuite {
  op: string;
  checks: OpCheck[];
}

export type PlainInputs = Record<string, PlainTensor>;
export type TensorInputs = Record<string, Tensor>;

export interface OpCase {
  title: string;
  inputs: PlainInputs;
  /** The public function; a list where the op has several outputs. */
  op(inputs: TensorInputs): Tensor | Tensor[];
  /** The float64 reference of the same outputs. */
  reference(inputs: PlainInputs): PlainTensor[];
  /** Names of the inputs whose gradient is checked. */
  differentiable?: string[];
  /** Relative to the largest magnitude. */
  tolerance: number;
  gradientTolerance?: number;
  /** Coordinates per input that are probed when it has more: every probe runs the reference twice. */
  probes?: number;
}

/** Half the distance of the two points of a central difference; float64, so both of its errors stay below 1e-9. */
const STEP = 1e-5;
const PROBES = 60;

export const float = (inputs: PlainInputs, name: string) => inputs[name] as FloatTensor;
export const index = (inputs: PlainInputs, name: string) => inputs[name] as IndexTensor;

export function toTensor({ shape, data }: PlainTensor): Tensor {
  return data instanceof Int32Array ? tensor(data.slice(), shape, 'int32') : tensor(Float32Array.from(data), shape);
}

function toTensors(inputs: PlainInputs): TensorInputs {
  return Object.fromEntries(Object.entries(inputs).map(([name, plain]) => [name, toTensor(plain)]));
}

/** Leaves NaN in freed memory of the sizes that are about to be taken: a kernel that forgets an element shows. */
function soilMemory(shapes: number[][]): void {
  const soiled = shapes.flatMap((shape) => [0, 1, 2].map(() => fill(shape, Number.NaN)));
  for (const t of soiled) t.dispose();
}

/** Runs `compute`, hands its results' values back, and sees to it that it left no tensor behind. */
export async function readAll(
  compute: () => Tensor | Tensor[],
): Promise<{ values: ArrayLike<number>[]; shapes: Tensor[] }> {
  const before = memory().numTensors;
  const result = tidy(() => compute());
  const tensors = Array.isArray(result) ? result : [result];
  const values = await Promise.all(tensors.map((t) => t.data()));
  for (const t of tensors) t.dispose();
  const left = memory().numTensors - before;
  if (left !== 0) throw new Error(`expected every tensor to be disposed, ${left} were left.`);
  return { values, shapes: tensors };
}

async function checkValue({ inputs, op, reference, tolerance }: OpCase): Promise<void> {
  const want = reference(inputs);
  soilMemory(want.map(({ shape }) => shape));
  const { values, shapes } = await readAll(() => op(toTensors(inputs)));
  want.forEach((plain, i) => {
    assertShape(`value ${i}`, shapes[i], plain);
    assertClose('value', values[i], plain.data, tolerance, `output ${i}`);
  });
}

/** loss = Σ of every output times fixed random weights; its derivative in float64 by central differences. */
function differenceQuotient(item: OpCase, weights: FloatTensor[], name: string, coordinate: number): number {
  const loss = (shift: number) => {
    const moved = floats(item.inputs[name].shape, item.inputs[name].data);
    moved.data[coordinate] += shift;
    const outputs = item.reference({ ...item.inputs, [name]: moved });
    return outputs.reduce((total, output, i) => {
      let dot = 0;
      for (let j = 0; j < output.data.length; j++) dot += weights[i].data[j] * output.data[j];
      return total + dot;
    }, 0);
  };
  return (loss(STEP) - loss(-STEP)) / (2 * STEP);
}

interface Derivative {
  coordinates: number[];
  values: number[];
}
/** The truth does not depend on the backend: found once, compared with each. */
const derivatives = new WeakMap<OpCase, Map<string, Derivative>>();

function derivativeOf(item: OpCase, weights: FloatTensor[], name: string): Derivative {
  const known = derivatives.get(item) ?? new Map<string, Derivative>();
  derivatives.set(item, known);
  const stored = known.get(name);
  if (stored) return stored;
  const count = item.inputs[name].data.length;
  const stride = Math.max(1, Math.floor(count / (item.probes ?? PROBES)));
  const coordinates = Array.from({ length: Math.ceil(count / stride) }, (_, j) => j * stride);
  const values = coordinates.map((coordinate) => differenceQuotient(item, weights, name, coordinate));
  const derivative = { coordinates, values };
  known.set(name, derivative);
  return derivative;
}

async function checkGradient(item: OpCase): Promise<void> {
  const { inputs, op, differentiable = [], gradientTolerance = item.tolerance } = item;
  const weights = item.reference(inputs).map(({ shape }, i) => normals(shape, 900 + i));
  soilMemory([...Object.values(inputs), ...weights].map(({ shape }) => shape));
  const { values } = await readAll(() => {
    const tensors = toTensors(inputs);
    const leaves = differentiable.map((name) => tensors[name]);
    const place = (xs: Tensor[]) => ({
      ...tensors,
      ...Object.fromEntries(differentiable.map((name, i) => [name, xs[i]])),
    });
    if (weights.length === 1) {
      return grads((...xs: Tensor[]) => op(place(xs)) as Tensor)(leaves, toTensor(weights[0]));
    }
    const loss = (...xs: Tensor[]) =>
      addN((op(place(xs)) as Tensor[]).map((y, i) => sum(mul(y, toTensor(weights[i]))) as Scalar)) as Scalar;
    return grads(loss)(leaves);
  });
  differentiable.forEach((name, i) => {
    const count = inputs[name].data.length;
    if (values[i].length !== count)
      throw new Error(`gradient of ${name}: expected ${count} values, got ${values[i].length}.`);
    const { coordinates, values: want } = derivativeOf(item, weights, name);
    const got = coordinates.map((coordinate) => values[i][coordinate]);
    assertClose('gradient', got, want, gradientTolerance, `of ${name}`);
  });
}

export function checksOf(item: OpCase): OpCheck[] {
  const checks = [{ title: `${item.title}: value`, run: () => checkValue(item) }];
  if (item.differentiable) checks.push({ title: `${item.title}: gradient`, run: () => checkGradient(item) });
  return checks;
}
