// The other side of the bench: the same model, batch and decoding loop written as one writes them in stock tfjs, with its own
// ops and its own gradients, on tfjs-backend-wasm. Weights lie as [in, out], so that the forward products take tfjs' fast path.
// In its favour: plain Adam (tfjs has no AdamW), no gradient clipping, sampling in JavaScript from one read-back per step.
import * as tf from '@tensorflow/tfjs';
import { CounterRng } from '../../../lib/counterRng';
import type { NamedArray } from '../../../models/safetensors';
import { ADAMW, BENCH_CONFIG, benchTokens, drawToken, ROLLOUT_LOAD, type TrainLoad } from '../../../worker/benchModel';
import type { BenchSide } from '../../../worker/benchSide';

const { hidden_size: width, num_attention_heads: heads, head_dim: headDim, vocab_size: vocabulary } = BENCH_CONFIG;

type Parameters = Map<string, tf.Variable>;
/** [B, H, T, d] of the tokens so far, per layer. */
interface Cache {
  k: tf.Tensor4D;
  v: tf.Tensor4D;
}

/** tfjs wants a name of its own for every variable. */
let copies = 0;

function parametersOf(weights: Map<string, NamedArray>): Parameters {
  const parameters: Parameters = new Map();
  const copy = copies++;
  for (const [name, { data, shape }] of weights) {
    const isProjection = shape.length === 2 && !name.includes('embed_tokens');
    const value = tf.tidy(() => (isProjection ? tf.transpose(tf.tensor(data, shape)) : tf.tensor(data, shape)));
    parameters.set(name, tf.variable(value, true, `${name} ${copy}`));
    value.dispose();
  }
  return parameters;
}

/** tfjs-backend-wasm writes integers into a oneHot of float32, so it is asked for integers and cast. */
function oneHot(ids: Int32Array): tf.Tensor2D {
  return tf.cast(tf.oneHot(tf.tensor1d(ids, 'int32'), vocabulary), 'float32') as tf.Tensor2D;
}

function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor): tf.Tensor2D {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), BENCH_CONFIG.rms_norm_eps));
  return tf.mul(tf.mul(x, scale), weight) as tf.Tensor2D;
}

/** cos and sin for positions first … first+time−1, [time, 1, headDim] with both halves alike. */
function rotaryTable(first: number, time: number): [tf.Tensor, tf.Tensor] {
  const half = headDim / 2;
  const angles = Float32Array.from({ length: time * headDim }, (_, i) => {
    const position = first + Math.floor(i / headDim);
    return position * BENCH_CONFIG.rope_theta ** (-(i % half) / half);
  });
  const table = tf.tensor(angles, [time, 1, headDim]);
  return [tf.cos(table), tf.sin(table)];
}

function rotate(x: tf.Tensor4D, [cos, sin]: [tf.Tensor, tf.Tensor]): tf.Tensor4D {
  const [low, high] = tf.split(x, 2, 3);
  return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(high), low], 3), sin)) as tf.Tensor4D;
}

/**
 * Logits of ids [B, T] that follow `first` tokens already in the caches.
 * @param caches per layer, replaced by longer ones; null = none (training)
 */
function forward(
  p: Parameters,
  ids: Int32Array,
  batch: number,
  first: number,
  caches: (Cache | null)[] | null,
): tf.Tensor2D {
  const time = ids.length / batch;
  const get = (name: string) => p.get(name)! as tf.Tensor2D;
  const rows = batch * time;
  const table = rotaryTable(first, time);
  // [T, first + T]: 0 where the key may be seen, a large negative number elsewhere.
  const mask = tf.tensor2d(
    Float32Array.from({ length: time * (first + time) }, (_, i) =>
      i % (first + time) > first + Math.floor(i / (first + time)) ? -1e9 : 0,
    ),
    [time, first + time],
  );
  const split = (x: tf.Tensor2D) => tf.reshape(x, [batch, time, heads, headDim]) as tf.Tensor4D;
  const byHead = (x: tf.Tensor4D) => tf.transpose(x, [0, 2, 1, 3]) as tf.Tensor4D;
  // tfjs-backend-wasm has no kernel for the gradient of a gather; a product with one-hot rows is its way.
  let x: tf.Tensor2D = tf.matMul(oneHot(ids), get('model.embed_tokens.weight'));
  for (let layer = 0; layer < BENCH_CONFIG.num_hidden_layers; layer++) {
    const at = `model.layers.${layer}`;
    const h = rmsNorm(x, get(`${at}.input_layernorm.weight`));
    const q = byHead(rotate(split(tf.matMul(h, get(`${at}.self_attn.q_proj.weight`))), table));
    let k = byHead(rotate(split(tf.matMul(h, get(`${at}.self_attn.k_proj.weight`))), table));
    let v = byHead(split(tf.matMul(h, get(`${at}.self_attn.v_proj.weight`))));
    if (caches) {
      const past = caches[layer];
      if (past) {
        k = tf.concat([past.k, k], 2);
        v = tf.concat([past.v, v], 2);
        tf.dispose([past.k, past.v]);
      }
      caches[layer] = { k: tf.keep(k), v: tf.keep(v) };
    }
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headDim)), mask);
    const mixed = tf.reshape(byHead(tf.matMul(tf.softmax(scores), v) as tf.Tensor4D), [rows, width]) as tf.Tensor2D;
    const residual: tf.Tensor2D = tf.add(x, tf.matMul(mixed, get(`${at}.self_attn.o_proj.weight`)));
    const f = rmsNorm(residual, get(`${at}.post_attention_layernorm.weight`));
    const gate = tf.matMul(f, get(`${at}.mlp.gate_proj.weight`));
    const gated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(f, get(`${at}.mlp.up_proj.weight`))) as tf.Tensor2D;
    x = tf.add(residual, tf.matMul(gated, get(`${at}.mlp.down_proj.weight`)));
  }
  return tf.matMul(rmsNorm(x, get('model.norm.weight')), get('lm_head.weight'));
}

export function stockSide(weights: Map<string, NamedArray>, load: TrainLoad): BenchSide {
  const parameters = parametersOf(weights);
  const optimizer = tf.train.adam(ADAMW.learningRate, ADAMW.beta1, ADAMW.beta2, ADAMW.eps);
  const { batch, time } = load;
  const tokens = benchTokens(batch * (time + 1));
  const ids = Int32Array.from(
    { length: batch * time },
    (_, i) => tokens[Math.floor(i / time) * (time + 1) + (i % time)],
  );
  const targets = Int32Array.from(ids, (_, i) => tokens[Math.floor(i / time) * (time + 1) + (i % time) + 1]);
  const { rows, promptTokens, newTokens } = ROLLOUT_LOAD;
  const prompts = benchTokens(rows * promptTokens);
  return {
    async trainStep() {
      const { value, grads } = tf.variableGrads(() => {
        const wanted = oneHot(targets);
        const logProbs = tf.logSoftmax(forward(parameters, ids, batch, 0, null));
        return tf.neg(tf.mean(tf.sum(tf.mul(wanted, logProbs), 1))) as tf.Scalar;
      });
      const [loss] = await value.data();
      optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      tf.dispose([value, grads] as tf.TensorContainer);
      return loss;
    },
    async rollout() {
      const rng = new CounterRng(7, 3);
      const caches: (Cache | null)[] = Array.from({ length: BENCH_CONFIG.num_hidden_layers }, () => null);
      let next = prompts;
      let first = 0;
      for (let step = 0; step < newTokens; step++) {
        const read = next;
        const logits = tf.tidy(() => {
          const all = forward(parameters, read, rows, first, caches);
          const read1 = read.length / rows;
          return read1 === 1
            ? all
            : tf.reshape(
                tf.slice(tf.reshape(all, [rows, read1, vocabulary]), [0, read1 - 1, 0], [rows, 1, vocabulary]),
                [rows, vocabulary],
              );
        });
        first += read.length / rows;
        const values = (await logits.data()) as Float32Array;
        logits.dispose();
        next = Int32Array.from({ length: rows }, (_, row) => drawToken(values, row, rng.uniform()));
      }
      tf.dispose(caches as unknown as tf.TensorContainer);
      return rows * newTokens;
    },
  };
}
