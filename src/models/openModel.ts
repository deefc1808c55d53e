// From a description (files of any format) to a model on the current backend, tensor by tensor: what one tensor needs while it is read
// is let go before the next. Everything is compared with what the configuration needs before anything is read.
import { dispose, keep, Tensor, type Tensor2D, tensor } from '@tensorflow/tfjs-core';
import type { QuantMatrix } from '../ops/quantLinear/quantMatrix';
import type { RotaryTable } from '../ops/rotary/rotary';
import { StudioError } from '../protocol/errors';
import { architectureOf } from './architectures';
import type { ModelDescription } from './files/modelDescription';
import { readFloats } from './files/storedFloats';
import type { StoredTensor, TensorSource } from './files/tensorSource';
import type { Architecture, LanguageModel } from './model';
import { readText } from './readText';
import { disposeHeld, type Holding, heldBytes, placeStored } from './residentWeights';

export interface OpenOptions {
  /** shown to people, e.g. "SmolLM2-135M-Instruct" */
  id: string;
  /** how matrices are held; as the file has them unless said, or in float32 where that is little: then they can be trained themselves */
  holding?: Holding;
  /** called after every tensor: bytes of the file read so far, and all */
  onProgress?(read: number, total: number): void;
}

/** Original GPT-2 files leave out the first part of every name; transformers 5 calls GPT-NeoX's head as everybody's. */
const SPELLINGS: ((name: string) => string)[] = [
  (name) => name,
  (name) => name.replace(/^transformer\./, ''),
  (name) => name.replace(/^embed_out\./, 'lm_head.'),
];

function stored(source: TensorSource, name: string): StoredTensor | undefined {
  return SPELLINGS.map((spell) => source.tensors.get(spell(name))).find((found) => found !== undefined);
}

/** What the file must hold, found in it. Tensors that no architecture asks for are left alone. */
function findTensors(architecture: Architecture, source: TensorSource): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>();
  for (const [name, shape] of architecture.tensors) {
    const present = stored(source, name);
    if (!present) {
      throw new StudioError(
        'model',
        `${source.label}: expected a tensor "${name}" [${shape}], the file has none. Does config.json belong to it?`,
      );
    }
    const wanted = architecture.turned.has(name) ? shape.toReversed() : shape;
    if (present.shape.join() !== wanted.join()) {
      throw new StudioError(
        'model',
        `${source.label}, tensor "${name}": expected [${wanted}] as config.json says, got [${present.shape}]. The two files do not belong together.`,
      );
    }
    found.set(name, present);
  }
  return found;
}

/** Bytes of a model in float32 up to which it is held so. */
const SMALL_MODEL = 128 * 2 ** 20;

const sizeOf = (shape: number[]) => shape.reduce((product, n) => product * n, 1);

function chosenHolding(architecture: Architecture, wanted: Holding | undefined): Holding {
  const parameters = [...architecture.tensors.values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
  return wanted ?? (4 * parameters > SMALL_MODEL ? 'stored' : 'float32');
}

function checkFinite(values: Float32Array, name: string, label: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new StudioError(
    'model',
    `${label}, tensor "${name}": expected finite numbers, got ${values[at]} at position ${at}. The weights are damaged; fetch them again.`,
  );
}

function turn(values: Float32Array, [out, inner]: number[]): Float32Array {
  const turned = new Float32Array(values.length);
  for (let i = 0; i < inner; i++) for (let o = 0; o < out; o++) turned[o * inner + i] = values[i * out + o];
  return turned;
}

/** What a model takes on the current backend once it is open; nothing is read. @throws StudioError('model') as opening it would */
export function openedSize(
  description: Pick<ModelDescription, 'config' | 'tensors'>,
  wanted?: Holding,
): { parameters: number; bytes: number } {
  const architecture = architectureOf(description.config);
  const holding = chosenHolding(architecture, wanted);
  let [parameters, bytes] = [0, 0];
  for (const [name, present] of findTensors(architecture, description.tensors)) {
    const size = sizeOf(present.shape);
    parameters += size;
    bytes += architecture.turned.has(name) ? 4 * size : heldBytes(present, holding);
  }
  return { parameters, bytes };
}

/** @throws StudioError('model'); nothing stays behind on the backend */
export async function openModel(description: ModelDescription, options: OpenOptions): Promise<LanguageModel> {
  const architecture = architectureOf(description.config);
  const source = description.tensors;
  const found = findTensors(architecture, source);
  const text = readText(description, architecture.shape.vocabulary);
  const total = [...found.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const holding = chosenHolding(architecture, options.holding);
  const weights = new Map<string, Tensor>();
  const quantised = new Map<string, QuantMatrix>();
  let [read, parameters, bytes] = [0, 0, 0];
  try {
    for (const [name, present] of found) {
      const shape = architecture.tensors.get(name)!;
      if (architecture.turned.has(name)) {
        const values = await readFloats(present);
        checkFinite(values, name, source.label);
        weights.set(name, keep(tensor(turn(values, shape), shape, 'float32')));
        bytes += 4 * values.length;
      } else {
        const held = await placeStored(present, holding, source.label);
        if (held instanceof Tensor) weights.set(name, held);
        else quantised.set(name, held);
        bytes += heldBytes(present, holding);
      }
      parameters += sizeOf(shape);
      read += present.bytes;
      options.onProgress?.(read, total);
    }
  } catch (error) {
    disposeHeld([...weights.values(), ...quantised.values()]);
    throw error;
  }
  const rotary = placeRotary(architecture);
  return {
    id: options.id,
    config: description.config,
    architecture,
    weights,
    quantised,
    rotary,
    ...text,
    parameters,
    bytes,
    dispose() {
      disposeHeld([...weights.values(), ...quantised.values()]);
      for (const table of rotary) dispose([table.cos, table.sin]);
    },
  };
}

export function placeRotary(architecture: Architecture): RotaryTable[] {
  return architecture.rotaryTables().map(({ cos, sin, positions }) => {
    const [c, s] = [cos, sin].map((values) => keep(tensor(values, [positions, values.length / positions])) as Tensor2D);
    return { cos: c, sin: s };
  });
}
