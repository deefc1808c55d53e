// The embedding from blocks for `webgpu`: one thread per number.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram } from '../../backend/webgpu/gpuProgram';
import { rowBytes } from '../../lib/blocks/blockTypes';
import { numberReading } from '../quantLinear/blocks.wgsl';
import type { BlockName } from '../quantLinear/quantMatrix';
import type { QuantTableAttrs } from './quantEmbedding';

const program = (type: BlockName): GpuProgram =>
  defineProgram(`QuantEmbedding ${type}`, () => ({
    storage: { b: 'i32', ids: 'i32', y: 'f32 out' },
    parameters: { rows: 'u32', width: 'u32', size: 'u32', rowBytes: 'u32' },
    declarations: numberReading(type),
    body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    let id = ids[i / params.width];
    // An index outside the table reads row 0, as on every backend.
    let row = select(0u, u32(id), id >= 0 && u32(id) < params.rows);
    y[i] = numberAt(row, i % params.width);
  }`,
  }));
program('Q8_0');

registerGpuKernel<QuantTableAttrs>('QuantEmbedding', (backend, { table, ids }: Record<string, TensorInfo>, attrs) => {
  const { type, rows, width } = attrs;
  const count = util.sizeFromShape(ids.shape);
  const y = backend.output([count, width]);
  const size = count * width;
  const parameters = { rows, width, size, rowBytes: rowBytes(type, width) };
  backend.run(program(type), [table, ids, y], parameters, Math.ceil(size / 64));
  return y;
});
