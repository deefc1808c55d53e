// The WGSL kernels for `webgpu`: importing this file makes every op run there (once startWebgpu has made the backend).
import './gradients';
import './adamW/adamW.wgsl';
import './attention/attention.wgsl';
import './attentionCached/attentionCached.wgsl';
import './embedding/embedding.wgsl';
import './gelu/gelu.wgsl';
import './gemm/gemm.wgsl';
import './layerNorm/layerNorm.wgsl';
import './linear/linear.wgsl';
import './residual/residual.wgsl';
import './rmsNorm/rmsNorm.wgsl';
import './rotary/rotary.wgsl';
import './sampleTokens/sampleTokens.wgsl';
import './splitColumns/splitColumns.wgsl';
import './swiglu/swiglu.wgsl';
import './tokenStatistics/tokenStatistics.wgsl';
