// The truth of the embedding from blocks: rows of the unpacked table.
import { registerCpuKernel } from '../cpuKernel';
import { referenceEmbedding } from '../embedding/embedding.cpu';
import { unpacked } from '../quantLinear/quantLinear.cpu';
import type { QuantTableAttrs } from './quantEmbedding';

registerCpuKernel<QuantTableAttrs>('QuantEmbedding', (inputs, { type, rows, width }) =>
  referenceEmbedding(unpacked(type, inputs.i('table'), [rows, width]), inputs.i('ids')),
);
