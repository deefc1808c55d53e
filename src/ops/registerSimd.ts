// The fused operations that have a kernel on the `simd` backend. Import before the first use.
export {};
