// AssemblyScript. The list of everything that is compiled into the two binaries (plain and relaxed SIMD).
// An op adds one line: `export { fn } from '../../ops/x/x.as';`
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
} from './parallel.as';
export { mapFunction } from './math.as';
export { add, fill } from './elementwise.as';
export { sumColumns, sumRows } from './sums.as';
export { gemm } from '../../ops/gemm/gemm.as';
export { fmaPeak } from './peak.as';
export { embedding, embeddingGrad } from '../../ops/embedding/embedding.as';
export { rmsNorm, rmsNormGradInput, rmsNormGradWeight, rmsNormPartials } from '../../ops/rmsNorm/rmsNorm.as';
export { rotary } from '../../ops/rotary/rotary.as';
export { swiglu, swigluGrad } from '../../ops/swiglu/swiglu.as';
export { attention, attentionGrad, attentionScratch } from '../../ops/attention/attention.as';
export { attentionCached } from '../../ops/attentionCached/attentionCached.as';
export { adamW } from '../../ops/adamW/adamW.as';
export { sampleTokens } from '../../ops/sampleTokens/sampleTokens.as';
export { tokenStatistics, tokenStatisticsGrad } from '../../ops/tokenStatistics/tokenStatistics.as';
