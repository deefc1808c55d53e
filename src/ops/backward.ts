// The backward pass, freeing as it goes: what a step of the tape saved and the gradient it received are let go as soon as
// the step is done. tfjs' own keeps all of them until the end. Same order of operations, same bits as engine().gradients;
// a training step of the bench model needs 2 × less memory (docs/performance.md).
import { add, engine, fill, keep, type Scalar, type Tensor, tidy, util } from '@tensorflow/tfjs-core';

type TapeNode = ReturnType<typeof engine>['state']['activeTape'][number];

/** The part of tfjs' engine that keeps what a step needs for its gradient (private there; the version is pinned). */
interface SavingEngine {
  saveTensorsForBackwardMode(tensors: Tensor[]): Tensor[];
}

/**
 * Another tensor over the same data, kept. tfjs runs a kernel and tapes a step for this, two or three times for every step that is
 * recorded: more than half of the time a training step spent in JavaScript.
 */
function saveTensors(tensors: Tensor[]): Tensor[] {
  const { backend } = engine();
  return tensors.map(({ dataId, shape, dtype }) => {
    backend.incRef(dataId);
    return keep(engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, backend));
  });
}

/** Runs f with the tape on. @returns its value and every step it took */
function record<T extends Tensor>(f: () => T): { value: T; tape: TapeNode[] } {
  const { state } = engine();
  const saving = engine() as unknown as SavingEngine;
  if (state.gradientDepth > 0)
    throw new Error('backward: expected no tape in use, got a call within another gradient.');
  state.activeTape = [];
  state.gradientDepth++;
  saving.saveTensorsForBackwardMode = saveTensors;
  try {
    return { value: tidy(f), tape: state.activeTape };
  } catch (error) {
    freeSaved(state.activeTape);
    throw error;
  } finally {
    state.gradientDepth--;
    state.activeTape = [];
    // The method of the class shows again.
    Reflect.deleteProperty(saving, 'saveTensorsForBackwardMode');
  }
}

function freeSaved(nodes: readonly TapeNode[]): void {
  for (const node of nodes) {
    for (const tensor of node.saved ?? []) if (!tensor.isDisposed) tensor.dispose();
  }
}

/** Steps between `xs` and `y`, each with the names of the inputs that depend on xs. */
function stepsBetween(tape: readonly TapeNode[], xs: readonly Tensor[], y: Tensor) {
  const fromX = new Set(xs.map((x) => x.id));
  for (const node of tape) {
    if (Object.values(node.inputs).some((input) => fromX.has(input.id)))
      for (const output of node.outputs) fromX.add(output.id);
  }
  const toY = new Set([y.id]);
  const steps = new Map<TapeNode, string[]>();
  for (const node of tape.toReversed()) {
    if (!node.outputs.some((output) => toY.has(output.id))) continue;
    for (const input of Object.values(node.inputs)) toY.add(input.id);
    const names = Object.keys(node.inputs).filter((name) => fromX.has(node.inputs[name].id));
    if (names.length > 0) steps.set(node, names);
  }
  return steps;
}

let wanted: readonly string[] | null = null;

/** Names of the inputs whose gradients the step under way will be asked for, so that it can make them together; null = not known. */
export const wantedGradients = (): readonly string[] | null => wanted;

/** What a step's gradient function returns, told beforehand what it will be asked for. */
function gradientsOf(gradient: NonNullable<TapeNode['gradient']>, dys: Tensor[], names: readonly string[]) {
  wanted = names;
  try {
    return gradient(dys);
  } finally {
    wanted = null;
  }
}

/** A backend may want to choose where gradients of parameters are put. */
interface GradientPlaces {
  /** What is made until the next call and looks like it is the gradient of this parameter; null: nothing is. */
  expectGradientOf?(dataId: object | null): void;
}

/** Gradients of one step's inputs, in the order of `names`; everything else it makes is freed. @param parameters ids of what is asked for in the end */
function stepBack(
  node: TapeNode,
  names: readonly string[],
  received: readonly (Tensor | undefined)[],
  parameters: ReadonlySet<number>,
): Tensor[] {
  const { gradient, kernelName } = node;
  if (!gradient) throw new Error(`backward: expected a gradient of ${kernelName}, none is registered.`);
  const places = engine().backend as GradientPlaces;
  return tidy(() => {
    // An output that leads nowhere: zeros, made on the backend rather than uploaded.
    const dys = node.outputs.map((output, i) => received[i] ?? fill(output.shape, 0));
    const functions = gradientsOf(gradient, dys, names);
    return names.map((name) => {
      const x = node.inputs[name];
      places.expectGradientOf?.(parameters.has(x.id) ? x.dataId : null);
      const dx = functions[name]?.();
      places.expectGradientOf?.(null);
      if (dx?.dtype !== 'float32' || !util.arraysEqual(dx.shape, x.shape)) {
        const came = dx ? `${dx.dtype} [${dx.shape}]` : 'nothing';
        throw new Error(
          `backward, ${kernelName}: expected a gradient of "${name}" of float32 [${x.shape}], got ${came}.`,
        );
      }
      // A gradient handed through as it came would be freed with the one it came from.
      return dys.includes(dx) ? dx.clone() : dx;
    });
  });
}

/** Walks the tape from y back to xs, letting go of what is not needed any more. @param dy disposed here */
function backward(tape: readonly TapeNode[], value: Tensor, dy: Tensor, xs: readonly Tensor[]): Tensor[] {
  const steps = stepsBetween(tape, xs, value);
  freeSaved(tape.filter((node) => !steps.has(node)));
  const wanted = new Set(xs.map((x) => x.id));
  const gradientOf = new Map<number, Tensor>([[value.id, dy]]);
  // From the last step to the first, as stepsBetween found them.
  for (const [node, names] of steps) {
    const dxs = stepBack(
      node,
      names,
      node.outputs.map((output) => gradientOf.get(output.id)),
      wanted,
    );
    names.forEach((name, i) => {
      const { id } = node.inputs[name];
      const before = gradientOf.get(id);
      gradientOf.set(id, before ? add(before, dxs[i]) : dxs[i]);
      if (before) for (const part of [before, dxs[i]]) part.dispose();
    });
    for (const output of node.outputs) {
      if (wanted.has(output.id)) continue;
      gradientOf.get(output.id)?.dispose();
      gradientOf.delete(output.id);
    }
    freeSaved([node]);
  }
  return xs.map((x, i) => {
    const gradient = gradientOf.get(x.id);
    if (!gradient) throw new Error(`backward: expected the value to depend on tensor ${i} [${x.shape}], it does not.`);
    return gradient;
  });
}

/**
 * Value and gradients of a scalar function with respect to xs, in their order. Everything else that f makes is freed.
 * @throws when y does not depend on one of xs
 */
export function gradients(f: () => Scalar, xs: Tensor[]): { value: Scalar; grads: Tensor[] } {
  return tidy(() => {
    const { value, tape } = record(f);
    try {
      return { value, grads: backward(tape, value, fill(value.shape, 1), xs) } as never;
    } finally {
      // After an error some are left.
      freeSaved(tape);
    }
  });
}

/** Gradients of f's value with respect to xs, given the gradient of that value. */
function gradientsGiven(f: () => Tensor, xs: Tensor[], dy: Tensor): Tensor[] {
  const { value, tape } = record(f);
  try {
    return backward(tape, value, dy.clone(), xs);
  } finally {
    value.dispose();
    freeSaved(tape);
  }
}

/** Runs f without saving anything for a gradient. @returns its value and the tensors it read that it did not make, by name */
function readings(f: () => Tensor): { y: Tensor; read: Record<string, Tensor> } {
  const { state } = engine();
  const saving = engine() as unknown as SavingEngine;
  const [outer, save] = [state.activeTape, saving.saveTensorsForBackwardMode];
  state.activeTape = [];
  saving.saveTensorsForBackwardMode = () => [];
  try {
    const y = tidy(f);
    const made = new Set(state.activeTape.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    const inputs = state.activeTape.flatMap((node) => Object.values(node.inputs));
    const read = inputs.filter(({ id }) => !made.has(id)).map((tensor) => [`t${tensor.id}`, tensor] as const);
    return { y, read: Object.fromEntries(read) };
  } finally {
    state.activeTape = outer;
    saving.saveTensorsForBackwardMode = save;
  }
}

/**
 * f(x), of whose inside nothing is kept for the backward pass: there f runs again (gradient checkpointing, Chen et al. 2016, arXiv
 * 1604.06174). The same gradients to the last bit. What f reads besides x must outlive the backward pass.
 */
export function recomputed<T extends Tensor>(f: (x: T) => T, x: T): T {
  const { state } = engine();
  if (state.gradientDepth === 0) return tidy(() => f(x));
  const { y, read } = readings(() => f(x));
  const saved = saveTensors([x]);
  const [again] = saved as [T];
  state.activeTape.push({
    id: state.nextTapeNodeId++,
    kernelName: 'Recomputed',
    inputs: read,
    outputs: [y],
    saved,
    gradient: (dys: Tensor[]) => {
      const names = wantedGradients() ?? Object.keys(read);
      const xs = names.map((name) => (read[name].id === x.id ? again : read[name]));
      const grads = gradientsGiven(() => f(again), xs, dys[0]);
      return Object.fromEntries(names.map((name, i) => [name, () => grads[i]]));
    },
  });
  return y as T;
}
