// What AdamW must do to its parameters and its state, on any backend.
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import type { OpSuite } from '../testing/opSuite';
import { toTensor } from '../testing/opSuite';
import { constants, normals } from '../testing/randomTensor';
import { type AdamWAttrs, adamW } from './adamW';
import { referenceAdamW } from './adamW.cpu';
import golden from './adamW.golden.json';

const usual: AdamWAttrs = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.1,
  maxNorm: 0,
  step: 1,
};

interface State {
  params: Tensor[];
  m: Tensor[];
  v: Tensor[];
}

/** One update on the backend, in place. @returns [gradNorm, clipFactor] */
async function update({ params, m, v }: State, grads: FloatTensor[], attrs: AdamWAttrs): Promise<ArrayLike<number>> {
  const result = tidy(() => adamW(params, grads.map(toTensor), m, v, attrs));
  const values = await result.data();
  result.dispose();
  return values;
}

function newState(params: FloatTensor[]): State {
  const zeros = () => params.map(({ shape }) => toTensor(floats(shape)));
  return { params: params.map(toTensor), m: zeros(), v: zeros() };
}

function dispose({ params, m, v }: State): void {
  for (const t of [...params, ...m, ...v]) t.dispose();
}

const readList = async (tensors: Tensor[]) => {
  const values = await Promise.all(tensors.map((t) => t.data()));
  return values.flatMap((list) => [...list]);
};

/** Several updates beside the float64 reference, every number of the state compared after the last. */
async function checkTrajectory(shapes: number[][], attrs: AdamWAttrs, scale = 1): Promise<void> {
  const truth = shapes.map((shape, i) => normals(shape, 50 + i));
  const state = newState(truth);
  const [m, v] = [shapes.map((shape) => floats(shape)), shapes.map((shape) => floats(shape))];
  for (let step = 1; step <= 5; step++) {
    const grads = shapes.map((shape, i) => normals(shape, 100 * step + i, scale));
    const got = await update(state, grads, { ...attrs, step });
    const want = referenceAdamW(truth, grads, m, v, { ...attrs, step });
    assertClose('norm', [got[0]], [want.data[0]], 1e-6);
    assertClose('clip factor', [got[1]], [want.data[1]], 1e-6);
  }
  const flat = (list: FloatTensor[]) => list.flatMap(({ data }) => [...data]);
  assertClose('parameters', await readList(state.params), flat(truth), 1e-6);
  assertClose('first moment', await readList(state.m), flat(m), 1e-6);
  assertClose('second moment', await readList(state.v), flat(v), 1e-6);
  dispose(state);
}

async function checkGolden(run: (typeof golden.trajectories)[number]): Promise<void> {
  const split = (list: number[]) => [floats([5, 3], list.slice(0, 15)), floats([3], list.slice(15))];
  const state = newState(split(golden.params));
  for (let i = 0; i < 8; i++) {
    const { beta1, beta2, eps, weightDecay, maxNorm } = run;
    const attrs = { learningRate: run.learningRates[i], beta1, beta2, eps, weightDecay, maxNorm, step: i + 1 };
    const [norm] = Array.from(await update(state, split(golden.grads[i]), attrs));
    assertClose('golden norm', [norm], [run.gradNorms[i]], 1e-6);
    assertClose('golden parameters', await readList(state.params), run.params[i], 1e-6, `after step ${i + 1}`);
  }
  dispose(state);
}

/** A gradient that is not finite is reported and touches nothing. */
async function checkBrokenGradient(broken: number): Promise<void> {
  const params = [normals([3, 7], 61), normals([5], 62)];
  const state = newState(params);
  const healthy = params.map(({ shape }, i) => normals(shape, 70 + i));
  await update(state, healthy, usual);
  const before = await readList([...state.params, ...state.m, ...state.v]);
  const grads = params.map(({ shape }, i) => normals(shape, 80 + i));
  grads[1].data[4] = broken;
  const [norm, clip] = Array.from(await update(state, grads, { ...usual, maxNorm: 1, step: 2 }));
  assertClose('state', await readList([...state.params, ...state.m, ...state.v]), before, 0);
  if (Number.isFinite(norm) || clip !== 0)
    throw new Error(`expected a norm that is not finite and a factor of 0, got ${norm}, ${clip}.`);
  dispose(state);
}

/** Zero gradients: only the decay moves the parameters. */
async function checkZeroGradients(): Promise<void> {
  const params = normals([9], 91);
  const state = newState([params]);
  const result = await update(state, [constants([9], 0)], { ...usual, maxNorm: 1 });
  assertClose('norm and factor', result, [0, 1], 0);
  const decayed = params.data.map((p) => p * (1 - usual.learningRate * usual.weightDecay));
  assertClose('decay', await readList(state.params), decayed, 1e-7);
  dispose(state);
}

export const adamWSuite: OpSuite = {
  op: 'adamW',
  checks: [
    { title: 'one number', run: () => checkTrajectory([[1]], usual) },
    { title: 'tensors of odd sizes', run: () => checkTrajectory([[3, 7], [17], [65, 33], [1, 1]], usual) },
    { title: 'clipped', run: () => checkTrajectory([[33, 17], [5]], { ...usual, maxNorm: 1 }, 3) },
    {
      title: 'clipped at a norm where the 1e-6 counts',
      run: () => checkTrajectory([[3, 5]], { ...usual, maxNorm: 1e-5 }, 1e-5),
    },
    { title: 'a limit that is not reached', run: () => checkTrajectory([[3, 5]], { ...usual, maxNorm: 1000 }) },
    { title: 'tiny gradients under a large eps', run: () => checkTrajectory([[7, 5]], { ...usual, eps: 1e-5 }, 1e-6) },
    {
      title: 'a tensor of several chunks',
      run: () => checkTrajectory([[5], [203, 167], [3]], { ...usual, maxNorm: 2 }),
    },
    ...golden.trajectories.map((run) => ({ title: `torch's trajectory: ${run.name}`, run: () => checkGolden(run) })),
    { title: 'a NaN in the gradients', run: () => checkBrokenGradient(Number.NaN) },
    { title: 'an infinity in the gradients', run: () => checkBrokenGradient(Number.POSITIVE_INFINITY) },
    { title: 'zero gradients', run: checkZeroGradients },
  ],
};
