// Sampling for `webgpu`: a workgroup per row, nothing is sorted and nothing is read back. The borders of top-k and top-p are
// found by bisection over the bits of the logits (32 rounds, whatever the vocabulary); the draw scans ids in order. The same
// integer hash as lib/counterRng, line by line.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, numbers, reductions } from '../../backend/webgpu/gpuProgram';
import type { SamplingAttrs } from './sampleTokens';

const hash = `
fn mix32(value: u32) -> u32 {
  var h = value;
  h = h ^ (h >> 16u);
  h = h * 0x7feb352du;
  h = h ^ (h >> 15u);
  h = h * 0x846ca68bu;
  return h ^ (h >> 16u);
}
fn counterUniform(seed: u32, stream: u32, position: u32) -> f32 {
  var h = mix32(seed + 0x9e3779b9u);
  h = mix32((h + 0x9e3779b9u) ^ stream);
  h = mix32((h + 0x9e3779b9u) ^ position);
  return f32(h >> 8u) / 16777216.0;
}
`;

/** Order of floats as order of unsigned integers; −0 counts as 0. */
const rank = `
fn rankOf(value: f32) -> u32 {
  let bits = select(bitcast<u32>(value), 0u, value == 0.0);
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
`;

const row = `
/** Probability under the full softmax. */
fn probability(j: u32) -> f32 {
  let z = logits[base + j];
  if (isMinusInfinity(z)) { return 0.0; }
  return exp((z - largest) / heat - logTotal);
}
/** Mass, or number, of the tokens of rank at least \`smallest\`. */
fn massFrom(smallest: u32, lane: u32) -> f32 {
  var mass = 0.0;
  for (var j = lane; j < params.width; j = j + 64u) {
    if (rankOf(logits[base + j]) >= smallest) { mass = mass + probability(j); }
  }
  return reduceSum(mass, lane);
}
fn countFrom(smallest: u32, lane: u32) -> f32 {
  var count = 0.0;
  for (var j = lane; j < params.width; j = j + 64u) {
    if (rankOf(logits[base + j]) >= smallest) { count = count + 1.0; }
  }
  return reduceSum(count, lane);
}
`;

const program = defineProgram('SampleTokens', () => ({
  storage: { logits: 'f32', keys: 'i32', ids: 'i32 out', logProb: 'f32 out', entropy: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', temperature: 'f32', topK: 'u32', topP: 'f32', seed: 'u32' },
  declarations: `${numbers}${reductions}${hash}${rank}
var<private> base: u32;
var<private> largest: f32;
var<private> heat: f32;
var<private> logTotal: f32;
var<workgroup> blockCount: array<u32, 64>;
var<workgroup> blockMass: array<f32, 64>;
${row}`,
  body: `
  if (groupIndex >= params.rows) { return; }
  base = groupIndex * params.width;
  heat = select(params.temperature, 1.0, params.temperature == 0.0);
  largest = LOWEST;
  for (var j = lane; j < params.width; j = j + 64u) {
    if (!isMinusInfinity(logits[base + j])) { largest = max(largest, logits[base + j]); }
  }
  largest = reduceMax(largest, lane);
  var total = 0.0;
  var lowestBest = f32(params.width); // exact: a vocabulary is far below 2^24
  for (var j = lane; j < params.width; j = j + 64u) {
    let z = logits[base + j];
    if (!isMinusInfinity(z)) { total = total + exp((z - largest) / heat); }
    if (z == largest) { lowestBest = min(lowestBest, f32(j)); }
  }
  logTotal = preciseLog(reduceSum(total, lane));
  let best = u32(-reduceMax(-lowestBest, lane));
  var entropySum = 0.0;
  for (var j = lane; j < params.width; j = j + 64u) {
    let p = probability(j);
    if (p > 0.0) { entropySum = entropySum - p * ((logits[base + j] - largest) / heat - logTotal); }
  }
  let rowEntropy = reduceSum(entropySum, lane);

  // top-k: the rank of the k-th largest logit; its equals stay.
  var smallest = 0u;
  if (params.topK > 0u && params.topK < params.width) {
    for (var bit = 0x80000000u; bit != 0u; bit = bit >> 1u) {
      let candidate = smallest | bit;
      if (countFrom(candidate, lane) >= f32(params.topK)) { smallest = candidate; }
    }
  }
  // top-p: the largest rank from which on there is enough mass; of that rank's equals only the first few ids are needed.
  var border = smallest;
  var borderRoom = 1e9;
  if (params.topP < 1.0) {
    let enough = params.topP * massFrom(smallest, lane);
    var found = 0u;
    for (var bit = 0x80000000u; bit != 0u; bit = bit >> 1u) {
      let candidate = found | bit;
      if (massFrom(max(candidate, smallest), lane) >= enough) { found = candidate; }
    }
    border = min(max(found, smallest), rankOf(logits[base + best]));
    let above = massFrom(border + 1u, lane);
    var each = 0.0;
    for (var j = lane; j < params.width; j = j + 64u) {
      if (rankOf(logits[base + j]) == border) { each = probability(j); }
    }
    each = reduceMax(each, lane);
    // The slack keeps a rounded 4.0000002 of equals at 4.
    borderRoom = max(ceil((enough - above) / each - 1e-4), select(0.0, 1.0, border == rankOf(logits[base + best])));
  }

  // Every lane takes a block of ids in order: how many stand on the border, then how much mass is kept.
  let perLane = (params.width + 63u) / 64u;
  let firstId = min(lane * perLane, params.width);
  let endId = min(firstId + perLane, params.width);
  var onBorder = 0u;
  for (var j = firstId; j < endId; j = j + 1u) {
    if (rankOf(logits[base + j]) == border) { onBorder = onBorder + 1u; }
  }
  blockCount[lane] = onBorder;
  workgroupBarrier();
  var before = 0u;
  for (var i = 0u; i < lane; i = i + 1u) { before = before + blockCount[i]; }
  var mass = 0.0;
  var position = before;
  for (var j = firstId; j < endId; j = j + 1u) {
    let r = rankOf(logits[base + j]);
    if (r > border || (r == border && f32(position) < borderRoom)) { mass = mass + probability(j); }
    if (r == border) { position = position + 1u; }
  }
  blockMass[lane] = mass;
  workgroupBarrier();
  if (lane == 0u) {
    var keptMass = 0.0;
    for (var i = 0u; i < 64u; i = i + 1u) { keptMass = keptMass + blockMass[i]; }
    let u = counterUniform(params.seed, bitcast<u32>(keys[2u * groupIndex]), bitcast<u32>(keys[2u * groupIndex + 1u]));
    let goal = u * keptMass;
    // The block in which the cumulative mass passes the goal; rounding may put that at its end: then its last kept id.
    var cumulative = 0.0;
    var block = 0u;
    var lastBlock = 0u;
    var reached = 0.0;
    for (var i = 0u; i < 64u; i = i + 1u) {
      if (blockMass[i] > 0.0 && cumulative <= goal) {
        lastBlock = i;
        reached = cumulative;
      }
      cumulative = cumulative + blockMass[i];
    }
    block = lastBlock;
    position = 0u;
    for (var i = 0u; i < block; i = i + 1u) { position = position + blockCount[i]; }
    var chosen = best;
    var done = false;
    for (var j = block * perLane; j < min((block + 1u) * perLane, params.width); j = j + 1u) {
      let r = rankOf(logits[base + j]);
      let kept = r > border || (r == border && f32(position) < borderRoom);
      if (r == border) { position = position + 1u; }
      let p = probability(j);
      if (kept && p > 0.0 && !done) {
        reached = reached + p;
        chosen = j;
        done = reached > goal;
      }
    }
    if (params.temperature == 0.0) { chosen = best; }
    ids[groupIndex] = i32(chosen);
    logProb[groupIndex] = (logits[base + chosen] - largest) / heat - logTotal;
    entropy[groupIndex] = rowEntropy;
  }`,
}));

registerGpuKernel<SamplingAttrs>('SampleTokens', (backend, { logits, keys }, { temperature, topK, topP, seed }) => {
  const [rows, width] = logits.shape;
  const outputs = [backend.output([rows], 'int32'), backend.output([rows]), backend.output([rows])];
  backend.run(program, [logits, keys, ...outputs], { rows, width, temperature, topK, topP, seed: seed >>> 0 }, rows);
  return outputs;
});
