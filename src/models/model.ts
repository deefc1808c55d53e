// What every architecture offers, and what runs on top of it. A model is plain data: a configuration and tensors under their
// checkpoint names. LoRA wraps the projections here, so an architecture file does not know it.
import { Tensor, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { recomputed } from '../ops/backward';
import { type GroupLayer, linearGroup } from '../ops/linearGroup/linearGroup';
import { embeddingOf } from '../ops/quantEmbedding/quantEmbedding';
import { linearOf } from '../ops/quantLinear/quantLinear';
import { isQuantised, type Matrix, type QuantMatrix } from '../ops/quantLinear/quantMatrix';
import type { RotaryTable } from '../ops/rotary/rotary';
import type { Chat } from '../tokenizers/chat';
import type { TextTokenizer } from '../tokenizers/tokenizer';
import { type Adapter, scaleOf } from './adapter';
import { integrate } from './integrateUnit';
import type { RotaryValues } from './rotaryFrequencies';

export interface ModelShape {
  layers: number;
  hidden: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  vocabulary: number;
  maxPositions: number;
}

/** How queries find keys: over the whole batch in training, over a cache in decoding. All [N, heads·headDim]. */
export type Attend = (layer: number, q: Tensor2D, k: Tensor2D, v: Tensor2D) => Tensor2D;

export interface ForwardInput {
  /** [N] int32, N = batch · time */
  ids: Tensor1D;
  /** [N] int32 */
  positions: Tensor1D;
  attend: Attend;
  /** blocks keep nothing for the backward pass but what they read, and run again there */
  recompute?: boolean;
}

/** How training a model saves memory: set before a run, the same results up to rounding (recomputing: to the last bit). */
export interface TrainingThrift {
  recompute: boolean;
  /** positions of one forward and backward pass at most, in whole rows; larger batches are added up in parts */
  positionsAtOnce: number;
}

/**
 * Runs one block of a model on x [N, hidden]. Tidied block by block, so that what only one block needs is not held until the last.
 * Architectures call it for every layer; it is where a block's inside can be forgotten and computed again in the backward pass.
 */
export function runBlock(input: ForwardInput, x: Tensor2D, block: (x: Tensor2D) => Tensor2D): Tensor2D {
  return input.recompute ? recomputed(block, x) : tidy(() => block(x));
}

/** Weights as the forward pass sees them: of the reference, or with an adapter on. */
export interface Weights {
  /** a tensor in float32: norms, biases, tables of positions */
  get(name: string): Tensor;
  /** x·Wᵀ of the module `name` ("….q_proj"), with its bias and low-rank path where it has them */
  project(name: string, x: Tensor2D): Tensor2D;
  /** Rows of the module's table by index, [N, hidden]: the only way to an embedding, whose table may be held in blocks. */
  embed(name: string, ids: Tensor1D): Tensor2D;
  /** the same of several modules that read the same x, together: `project` of each, bit for bit */
  projectAll(names: readonly string[], x: Tensor2D): Tensor2D[];
}

/** What a model itself may see besides. */
interface HeldWeights extends Weights {
  matrix(name: string): Matrix;
}

export interface Architecture {
  shape: ModelShape;
  /** what scores are multiplied by before the softmax */
  attentionScale: number;
  /** how many keys, itself included, a query of this layer may see; null = all the past */
  window(layer: number): number | null;
  /** name → shape of every tensor the checkpoint must hold, as it is on the backend: [out, in] for a linear layer */
  tensors: Map<string, number[]>;
  /** matrices that lie in checkpoints the other way round, [in, out] (GPT-2's Conv1D) */
  turned: ReadonlySet<string>;
  /** linear modules that LoRA may wrap, e.g. "model.layers.0.self_attn.q_proj" */
  projections: string[];
  /** one table per kind of layer; none where positions are learned */
  rotaryTables(): RotaryValues[];
  /** hidden states after the last norm, [N, hidden] */
  hidden(weights: Weights, rotary: readonly RotaryTable[], input: ForwardInput): Tensor2D;
  /** [N, vocabulary] */
  logits(weights: Weights, hidden: Tensor2D): Tensor2D;
  /** the matrix [vocabulary, hidden] that is all there is to `logits`; absent where there is more (a bias, a cap) */
  head?: string;
}

export interface LanguageModel {
  id: string;
  /** config.json, where the model was opened from one */
  config?: Readonly<Record<string, unknown>>;
  architecture: Architecture;
  /** float32 */
  weights: Map<string, Tensor>;
  /** frozen matrices held in blocks (residentWeights.ts), by their names; absent = none. A name is in one of the two maps. */
  quantised?: Map<string, QuantMatrix>;
  /** absent = nothing is recomputed, batches go through whole */
  thrift?: TrainingThrift;
  rotary: RotaryTable[];
  tokenizer: TextTokenizer;
  chat: Chat;
  parameters: number;
  bytes: number;
  dispose(): void;
}

/** The policy's weights with `adapter` on, or the reference's with null. */
function weightsOf(model: Pick<LanguageModel, 'weights' | 'quantised'>, adapter: Adapter | null): HeldWeights {
  const find = (name: string): Tensor | QuantMatrix => {
    const found = adapter?.replaced.get(name) ?? model.weights.get(name) ?? model.quantised?.get(name);
    if (!found) throw new RangeError(`model: expected a tensor "${name}", it has none of that name.`);
    return found;
  };
  const matrix = (name: string) => find(name) as Matrix;
  const pathsOf = (name: string) => {
    const lora = adapter?.lora.get(name);
    const biasName = `${name}.bias`;
    const bias = (adapter?.replaced.get(biasName) ?? model.weights.get(biasName)) as Tensor1D | undefined;
    return { bias, lora: lora ? { a: lora.a, b: lora.b, scale: scaleOf(adapter!.config, name) } : null };
  };
  const project = (name: string, x: Tensor2D): Tensor2D => {
    const [w, { bias, lora }] = [matrix(`${name}.weight`), pathsOf(name)];
    const unit = adapter?.units.get(name);
    return unit && lora ? integrate(x, w, bias, lora, unit) : linearOf(x, w, { bias, lora });
  };
  /** The layers as one group, where each is no more than a product in float32 with its paths. */
  const groupOf = (names: readonly string[]): GroupLayer[] | null => {
    const layers: GroupLayer[] = [];
    for (const name of names) {
      const w = matrix(`${name}.weight`);
      if (isQuantised(w) || adapter?.units.has(name)) return null;
      layers.push({ w, ...pathsOf(name) });
    }
    return layers;
  };
  return {
    get(name) {
      const found = find(name);
      if (!(found instanceof Tensor)) {
        throw new RangeError(
          `model: expected "${name}" in float32, it is held as ${found.type}. Ask for embed or project.`,
        );
      }
      return found;
    },
    embed: (name, ids) => embeddingOf(matrix(`${name}.weight`), ids),
    project,
    projectAll(names, x) {
      const layers = groupOf(names);
      return layers ? linearGroup(x, layers) : names.map((name) => project(name, x));
    },
    matrix,
  };
}

/** The vocabulary's weights [V, hidden] where logits are no more than a product with them. */
export function headOf(model: LanguageModel, adapter: Adapter | null): Matrix {
  const { head } = model.architecture;
  if (!head) throw new RangeError(`model ${model.id}: expected a head that is one matrix, its logits need more.`);
  return weightsOf(model, adapter).matrix(head);
}

/** Hidden states [N, hidden]. */
export function hiddenStates(model: LanguageModel, adapter: Adapter | null, input: ForwardInput): Tensor2D {
  return tidy(() => {
    const thrifty = { ...input, recompute: model.thrift?.recompute ?? false };
    return model.architecture.hidden(weightsOf(model, adapter), model.rotary, thrifty);
  });
}

/** Logits [N, vocabulary] of hidden states. */
export function logitsOf(model: LanguageModel, adapter: Adapter | null, hidden: Tensor2D): Tensor2D {
  return tidy(() => model.architecture.logits(weightsOf(model, adapter), hidden));
}
