// The fused operations that have a kernel on the `simd` backend: importing this file makes them run there.
import './gradients';
import './gemm/gemm.simd';
import './linear/linear.simd';
import './embedding/embedding.simd';
import './rmsNorm/rmsNorm.simd';
import './rotary/rotary.simd';
import './swiglu/swiglu.simd';
import '../backend/simd/borrowedKernels';
