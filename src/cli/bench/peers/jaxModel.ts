// jax-js as a peer of the bench: the same model, weights, batches and decoding, on its wasm backend, the whole training step
// (forward, backward, AdamW) in one jit. In its favour: ids and targets come as one-hot rows made once, weights lie as
// [in, out], no gradient clipping; decoding has one jit for the prompt and one for a step, over a cache of fixed length, and
// samples in JavaScript from one read-back per step.
// jax-js counts references: an array is used up by the function it is given to, `.ref` keeps it for another use.
import { blockUntilReady, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { CounterRng } from '../../../lib/counterRng';
import {
  ADAMW,
  BENCH_CONFIG,
  benchTokens,
  benchWeights,
  drawToken,
  ROLLOUT_LOAD,
  type TrainLoad,
} from '../../../worker/benchModel';
import type { BenchSide } from '../../../worker/benchSide';

const { hidden_size: width, num_attention_heads: heads, head_dim: headDim, vocab_size: vocabulary } = BENCH_CONFIG;
const LAYERS = BENCH_CONFIG.num_hidden_layers;

type Arrays = Record<string, np.Array>;
/** Keys and values of the layers, [B, H, capacity, d]. */
type Caches = { k: np.Array[]; v: np.Array[] };

function freshWeights(): Arrays {
  const weights: Arrays = {};
  for (const [name, { data, shape }] of benchWeights()) {
    const whole = np.array(new Float32Array(data), { shape });
    const isProjection = shape.length === 2 && !name.includes('embed_tokens');
    weights[name] = isProjection ? whole.transpose() : whole;
  }
  return weights;
}

function oneHotRows(ids: Int32Array, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(ids.length * classes);
  ids.forEach((id, n) => {
    rows[n * classes + id] = 1;
  });
  return rows;
}

/** cos and sin of positions, [count, d/2] each. */
function rotaryRows(positions: Int32Array): Float32Array<ArrayBuffer>[] {
  const half = headDim / 2;
  const angle = (i: number) => positions[Math.floor(i / half)] * BENCH_CONFIG.rope_theta ** (-(i % half) / half);
  const table = (f: (x: number) => number) =>
    Float32Array.from({ length: positions.length * half }, (_, i) => f(angle(i)));
  return [table(Math.cos), table(Math.sin)];
}

function rmsNorm(x: np.Array, weight: np.Array): np.Array {
  const scale = np.mean(np.square(x.ref), -1, { keepdims: true }).add(BENCH_CONFIG.rms_norm_eps);
  return x.mul(np.reciprocal(np.sqrt(scale))).mul(weight);
}

/** x [B, H, T, d] */
function rotate(x: np.Array, cos: np.Array, sin: np.Array): np.Array {
  const half = headDim / 2;
  const low = x.ref.slice([], [], [], [0, half]);
  const high = x.slice([], [], [], [half, headDim]);
  const turnedLow = low.ref.mul(cos.ref).sub(high.ref.mul(sin.ref));
  return np.concatenate([turnedLow, high.mul(cos).add(low.mul(sin))], -1);
}

interface Positions {
  cos: np.Array;
  sin: np.Array;
  /** [T, keys]: 0 where the key may be seen, a large negative number elsewhere */
  mask: np.Array;
}

/**
 * Logits [B·T, V] of one-hot ids [B·T, V].
 * @param remember given a layer and its new keys and values, hands on all keys and values; training hands them through
 */
function forward(
  p: Arrays,
  ids: np.Array,
  batch: number,
  time: number,
  { cos, sin, mask }: Positions,
  remember: (layer: number, k: np.Array, v: np.Array) => [np.Array, np.Array],
): np.Array {
  const split = (x: np.Array) => x.reshape([batch, time, heads, headDim]).transpose([0, 2, 1, 3]);
  let x = np.matmul(ids, p['model.embed_tokens.weight']);
  for (let layer = 0; layer < LAYERS; layer++) {
    const weight = (name: string) => p[`model.layers.${layer}.${name}.weight`];
    const h = rmsNorm(x.ref, weight('input_layernorm'));
    const q = rotate(split(np.matmul(h.ref, weight('self_attn.q_proj'))), cos.ref, sin.ref);
    const newK = rotate(split(np.matmul(h.ref, weight('self_attn.k_proj'))), cos.ref, sin.ref);
    const [k, v] = remember(layer, newK, split(np.matmul(h, weight('self_attn.v_proj'))));
    const scores = np
      .matmul(q, k.transpose([0, 1, 3, 2]))
      .mul(1 / Math.sqrt(headDim))
      .add(mask.ref);
    const mixed = np
      .matmul(nn.softmax(scores, -1), v)
      .transpose([0, 2, 1, 3])
      .reshape([batch * time, width]);
    const residual = x.add(np.matmul(mixed, weight('self_attn.o_proj')));
    const f = rmsNorm(residual.ref, weight('post_attention_layernorm'));
    const gated = nn.silu(np.matmul(f.ref, weight('mlp.gate_proj'))).mul(np.matmul(f, weight('mlp.up_proj')));
    x = residual.add(np.matmul(gated, weight('mlp.down_proj')));
  }
  for (const used of [cos, sin, mask]) used.dispose();
  return np.matmul(rmsNorm(x, p['model.norm.weight']), p['lm_head.weight']);
}

function maskOf(time: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: time * time }, (_, i) => (i % time > Math.floor(i / time) ? -1e9 : 0));
}

function positionsOf(first: number, time: number): Positions {
  const [cos, sin] = rotaryRows(Int32Array.from({ length: time }, (_, t) => first + t));
  const shape = [time, headDim / 2];
  return {
    cos: np.array(cos, { shape }),
    sin: np.array(sin, { shape }),
    mask: np.array(maskOf(time), { shape: [time, time] }),
  };
}

const mapArrays = (arrays: Arrays, f: (name: string) => np.Array): Arrays =>
  Object.fromEntries(Object.keys(arrays).map((name) => [name, f(name)]));

function trainer({ batch, time }: TrainLoad): () => Promise<number> {
  const table = positionsOf(0, time);
  const lossOf = (p: Arrays, ids: np.Array, targets: np.Array) => {
    const positions = { cos: table.cos.ref, sin: table.sin.ref, mask: table.mask.ref };
    const logits = forward(p, ids, batch, time, positions, (_, k, v) => [k, v]);
    return nn
      .logSoftmax(logits, -1)
      .mul(targets)
      .sum()
      .mul(-1 / (batch * time));
  };
  const { beta1, beta2, eps, learningRate, weightDecay } = ADAMW;
  const step = jit((p: Arrays, m: Arrays, v: Arrays, ids: np.Array, targets: np.Array, corrections: np.Array) => {
    const [loss, grads] = valueAndGrad(lossOf)(
      mapArrays(p, (name) => p[name].ref),
      ids,
      targets,
    ) as [np.Array, Arrays];
    const newM = mapArrays(p, (name) => m[name].mul(beta1).add(grads[name].ref.mul(1 - beta1)));
    const newV = mapArrays(p, (name) => v[name].mul(beta2).add(np.square(grads[name]).mul(1 - beta2)));
    const [first, second] = corrections;
    const newP = mapArrays(p, (name) => {
      const move = newM[name].ref.mul(first.ref).div(np.sqrt(newV[name].ref.mul(second.ref)).add(eps));
      return p[name].mul(1 - learningRate * weightDecay).sub(move.mul(learningRate));
    });
    first.dispose();
    second.dispose();
    return { loss, p: newP, m: newM, v: newV };
  });
  const tokens = benchTokens(batch * (time + 1));
  const at = (i: number) => Math.floor(i / time) * (time + 1) + (i % time);
  const rows = { length: batch * time };
  const shape = [batch * time, vocabulary];
  const hot = (shift: number) =>
    np.array(
      oneHotRows(
        Int32Array.from(rows, (_, i) => tokens[at(i) + shift]),
        vocabulary,
      ),
      { shape },
    );
  const [ids, targets] = [hot(0), hot(1)];
  let p = freshWeights();
  let m = mapArrays(p, (name) => np.zeros(p[name].shape));
  let v = mapArrays(p, (name) => np.zeros(p[name].shape));
  let steps = 0;
  return async () => {
    steps++;
    const corrections = np.array(new Float32Array([1 / (1 - beta1 ** steps), 1 / (1 - beta2 ** steps)]));
    const next = step(p, m, v, ids.ref, targets.ref, corrections) as {
      loss: np.Array;
      p: Arrays;
      m: Arrays;
      v: Arrays;
    };
    ({ p, m, v } = next);
    await blockUntilReady(next.p);
    return (await next.loss.data())[0];
  };
}

function decoder(): () => Promise<number> {
  const { rows, promptTokens, newTokens } = ROLLOUT_LOAD;
  const capacity = promptTokens + newTokens;
  const weights = freshWeights();
  const copies = () => mapArrays(weights, (name) => weights[name].ref);
  const table = positionsOf(0, promptTokens);
  const room = [
    [0, 0],
    [0, 0],
    [0, newTokens],
    [0, 0],
  ] as [number, number][];
  const prefill = jit((p: Arrays, ids: np.Array) => {
    const caches: Caches = { k: [], v: [] };
    const positions = { cos: table.cos.ref, sin: table.sin.ref, mask: table.mask.ref };
    const all = forward(p, ids, rows, promptTokens, positions, (layer, k, v) => {
      caches.k[layer] = np.pad(k.ref, room);
      caches.v[layer] = np.pad(v.ref, room);
      return [k, v];
    });
    const logits = all.reshape([rows, promptTokens, vocabulary]).slice([], promptTokens - 1);
    return { logits, caches };
  });
  // `here` [1, 1, capacity, 1] is 1 at the new token's place.
  const write = jit(
    (p: Arrays, ids: np.Array, cos: np.Array, sin: np.Array, mask: np.Array, here: np.Array, caches: Caches) => {
      const next: Caches = { k: [], v: [] };
      const logits = forward(p, ids, rows, 1, { cos, sin, mask }, (layer, k, v) => {
        const place = (cache: np.Array, x: np.Array) => np.where(here.ref.greater(0), x, cache);
        next.k[layer] = place(caches.k[layer], k);
        next.v[layer] = place(caches.v[layer], v);
        return [next.k[layer].ref, next.v[layer].ref];
      });
      here.dispose();
      return { logits, caches: next };
    },
  );
  const hot = (ids: Int32Array) => np.array(oneHotRows(ids, vocabulary), { shape: [ids.length, vocabulary] });
  const prompts = benchTokens(rows * promptTokens);
  return async () => {
    const rng = new CounterRng(7, 3);
    let { logits, caches } = prefill(copies(), hot(prompts)) as { logits: np.Array; caches: Caches };
    for (let step = 0; step < newTokens; step++) {
      const values = (await logits.data()) as Float32Array;
      const ids = Int32Array.from({ length: rows }, (_, row) => drawToken(values, row, rng.uniform()));
      if (step + 1 === newTokens) break;
      const position = promptTokens + step;
      const [cos, sin] = rotaryRows(Int32Array.of(position));
      const seen = Float32Array.from({ length: capacity }, (_, j) => (j > position ? -1e9 : 0));
      const here = Float32Array.from({ length: capacity }, (_, j) => Number(j === position));
      const shape = [1, headDim / 2];
      ({ logits, caches } = write(
        copies(),
        hot(ids),
        np.array(cos, { shape }),
        np.array(sin, { shape }),
        np.array(seen, { shape: [1, capacity] }),
        np.array(here, { shape: [1, 1, capacity, 1] }),
        caches,
      ) as { logits: np.Array; caches: Caches });
    }
    for (const array of [...caches.k, ...caches.v]) array.dispose();
    return rows * newTokens;
  };
}

export function jaxSide(load: TrainLoad): BenchSide {
  let train: (() => Promise<number>) | null = null;
  let decode: (() => Promise<number>) | null = null;
  return {
    trainStep() {
      train ??= trainer(load);
      return train();
    },
    rollout() {
      decode ??= decoder();
      return decode();
    },
  };
}
