// The fused operations that have a kernel on the `simd` backend: importing this file makes them run there.
import './gradients';
import './gemm/gemm.simd';
import './linear/linear.simd';
