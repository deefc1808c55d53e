// The fused operations that have a kernel on the `simd` backend: importing this file makes them run there.
import './gradients';
import './attention/attention.simd';
import './attentionCached/attentionCached.simd';
import './gemm/gemm.simd';
import './linear/linear.simd';
import './linearGroup/linearGroup.simd';
import './adamW/adamW.simd';
import './embedding/embedding.simd';
import './projectedStatistics/projectedStatistics.simd';
import './residual/residual.simd';
import './rmsNorm/rmsNorm.simd';
import './rotary/rotary.simd';
import './sampleTokens/sampleTokens.simd';
import './swiglu/swiglu.simd';
import './tokenStatistics/tokenStatistics.simd';
import '../backend/simd/borrowedKernels';
import '../backend/simd/sumKernel';
