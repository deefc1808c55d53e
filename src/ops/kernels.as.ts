// AssemblyScript. The list of everything that is compiled into the two binaries (plain and relaxed SIMD).
// An op adds one line: `export { fn } from './x/x.as';`
export {
  doneAddress,
  faultAddress,
  maySleepAddress,
  scratchBaseAddress,
  scratchBytesAddress,
  stopAddress,
  epochAddress,
  threadLoop,
  threadsAddress,
} from '../backend/simd/parallel.as';
export { mapFunction } from '../backend/simd/math.as';
export { add, fill } from '../backend/simd/elementwise.as';
export { sumColumns, sumRows } from '../backend/simd/sums.as';
export { gemm, packedBytes, packMatrix } from './gemm/gemm.as';
export { fmaPeak } from '../backend/simd/peak.as';
export { embedding, embeddingGrad } from './embedding/embedding.as';
export { rmsNorm, rmsNormGradInput, rmsNormGradWeight, rmsNormPartials } from './rmsNorm/rmsNorm.as';
export { rotary } from './rotary/rotary.as';
export { swiglu, swigluGrad } from './swiglu/swiglu.as';
export { gelu, geluGrad } from './gelu/gelu.as';
export { layerNorm, layerNormGradInput, layerNormGradWeight, layerNormPartials } from './layerNorm/layerNorm.as';
export { splitColumns } from './splitColumns/splitColumns.as';
export { attention, attentionGrad, attentionScratch } from './attention/attention.as';
export { attentionCached } from './attentionCached/attentionCached.as';
export { adamW } from './adamW/adamW.as';
export { sampleTokens } from './sampleTokens/sampleTokens.as';
export { tokenStatistics, tokenStatisticsGrad } from './tokenStatistics/tokenStatistics.as';
export { addToMoments, finishMoments, momentsGrad } from './projectedStatistics/projectedStatistics.as';
export { quantGemm, quantScratch } from './quantLinear/quantGemm.as';
export { quantEmbedding } from './quantEmbedding/quantEmbedding.as';
export { runRows } from './rowProgram/rowProgram.as';
