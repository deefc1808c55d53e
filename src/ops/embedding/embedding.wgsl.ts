// Embedding for `webgpu`. The gradient has no atomic additions: a workgroup owns 64 columns of one table row and adds the
// rows of dy that name it, in the order of the indices. It finds them 512 indices at a time as bits of a mask.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram } from '../../backend/webgpu/gpuProgram';

/** An index outside the table reads row 0, as on every backend. */
const rowOf = `fn rowOf(id: i32) -> u32 { return select(0u, u32(id), id >= 0 && u32(id) < params.rows); }`;

const gather = defineProgram('Embedding', () => ({
  storage: { table: 'f32', ids: 'i32', y: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', size: 'u32' },
  declarations: rowOf,
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) { y[i] = table[rowOf(ids[i / params.width]) * params.width + i % params.width]; }`,
}));

const scatter = defineProgram('EmbeddingGrad', () => ({
  storage: { ids: 'i32', dy: 'f32', dTable: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', count: 'u32', blocks: 'u32' },
  declarations: `${rowOf}
var<workgroup> found: array<atomic<u32>, 16>;`,
  body: `
  let row = groupIndex / params.blocks;
  let d = (groupIndex % params.blocks) * 64u + lane;
  var total = 0.0;
  for (var first = 0u; first < params.count; first = first + 512u) {
    if (lane < 16u) { atomicStore(&found[lane], 0u); }
    workgroupBarrier();
    for (var e = lane; e < 512u; e = e + 64u) {
      if (first + e < params.count && rowOf(ids[first + e]) == row) { atomicOr(&found[e / 32u], 1u << (e % 32u)); }
    }
    workgroupBarrier();
    for (var word = 0u; word < 16u; word = word + 1u) {
      var bits = atomicLoad(&found[word]);
      while (bits != 0u) {
        let n = first + word * 32u + firstTrailingBit(bits);
        bits = bits & (bits - 1u);
        if (d < params.width) { total = total + dy[n * params.width + d]; }
      }
    }
    workgroupBarrier();
  }
  if (row < params.rows && d < params.width) { dTable[row * params.width + d] = total; }`,
}));

registerGpuKernel('Embedding', (backend, { table, ids }) => {
  const [rows, width] = table.shape;
  const count = ids.shape.reduce((product, n) => product * n, 1);
  const y = backend.output([count, width]);
  backend.run(gather, [table, ids, y], { rows, width, size: count * width }, Math.ceil((count * width) / 64));
  return y;
});

registerGpuKernel<{ rows: number }>('EmbeddingGrad', (backend, { ids, dy }, { rows }) => {
  const [count, width] = dy.shape;
  const blocks = Math.ceil(width / 64);
  const dTable = backend.output([rows, width]);
  backend.run(scatter, [ids, dy, dTable], { rows, width, count, blocks }, rows * blocks);
  return dTable;
});
