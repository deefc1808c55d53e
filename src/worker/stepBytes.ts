// Bytes that one training step on `simd` holds at its worst moment beyond weights, what is trained, its gradients and moments: a
// formula, nothing is computed. N positions, n of them predicted, per layer D hidden, Q = heads·headDim, K = kvHeads·headDim, F inner, H heads, V words:
//   kept     4·N·( layers·(4D + 2Q + 2K + H + 3F) + 2D ) + 4·N·Σ rank over the layers that carry LoRA
//            (inputs of both norms, of the projections, rotated q and k, v, o and lse, gate, up and their product; hidden states twice)
//   scores   4·n·(D + 3V): what the head reads, logits of policy and reference, the logits' gradient. V counts as one chunk at most
//   or       4·N·(D + 2F) + 4·n·V: while the last SwiGLU is walked back, and the reference's logits wait
//            (recomputed: 4·N·D·(layers + 2), and one layer's part of the above at a time while it is walked back)
//   work     8 MiB of packed matrices, scratch, and the weights that decoding keeps packed (all of a small model's)
// kept + the larger of the two + work − the gradients: these take the room of what the walk back has let go.
// Not counted: blocks are rounded up to size classes (at most 12.5 %); counted too much: every row is taken at its full length.
// Beside measured peaks in docs/performance.md, and held to within 10 % of them by planRun.test.ts.
import type { Architecture } from '../models/model';
import { VOCABULARY_CHUNK } from '../ops/projectedStatistics/projectedStatistics';

const FLOAT = 4;
const PACKED_BYTES = 8 * 2 ** 20;
const SCRATCH_BYTES = 512 * 1024;

export interface StepSize {
  /** N, of the padded batch */
  positions: number;
  /** n, those with a loss */
  predicted: number;
  /** Σ rank over the linear layers that carry LoRA; 0 when the weights themselves are trained */
  ranks: number;
  /** whether the logits of a reference policy are held as well */
  withReference: boolean;
  /** bytes of what is trained */
  gradients: number;
  /** bytes of the weights that decoding keeps packed; 0 for a recipe that does not decode */
  packed: number;
  /** blocks keep their inputs alone and run again in the backward pass */
  recompute?: boolean;
}

/** F: what the first layer of the feed-forward part puts out; fused with the other (Phi-3), half of it. */
function innerWidth({ projections, tensors }: Architecture): number {
  const first = projections.find((name) => /\.(gate_proj|gate_up_proj|c_fc|dense_h_to_4h)$/.test(name));
  const out = tensors.get(`${first}.weight`)?.[0] ?? 0;
  return first?.endsWith('.gate_up_proj') ? out / 2 : out;
}

export function stepBytes(architecture: Architecture, size: StepSize): number {
  const { layers, hidden, heads, kvHeads, headDim, vocabulary } = architecture.shape;
  const inner = innerWidth(architecture);
  const [queries, keys] = [heads * headDim, kvHeads * headDim];
  const perLayer = 4 * hidden + 2 * queries + 2 * keys + heads + 3 * inner;
  const inside = size.recompute ? size.positions * (perLayer + size.ranks / layers) : 0;
  const kept = size.recompute
    ? size.positions * (layers + 2) * hidden
    : size.positions * (layers * perLayer + 2 * hidden + size.ranks);
  const width = architecture.head ? Math.min(vocabulary, VOCABULARY_CHUNK) : vocabulary;
  const scores = size.predicted * (hidden + width * (size.withReference ? 3 : 2));
  const walkedBack = inside + size.positions * (hidden + 2 * inner) + (size.withReference ? size.predicted * width : 0);
  const atWorst = FLOAT * (kept + Math.max(scores, walkedBack)) - size.gradients;
  return Math.max(0, atWorst) + PACKED_BYTES + SCRATCH_BYTES + size.packed;
}
