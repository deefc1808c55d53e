// The linear layer for `webgpu`: one launch, two with LoRA (h = x·Aᵀ first, then both products into one tile of y).
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { gemmProgram, runGemm } from '../gemm/gemm.wgsl';

for (const bias of [false, true]) {
  const name = `Linear${bias ? 'Bias' : ''}`;
  registerGpuKernel(name, (backend, inputs) =>
    runGemm(backend, { a: inputs.x, b: inputs.w, transposeB: true, bias: inputs.bias ?? null }),
  );
  registerGpuKernel<{ scale: number }>(`${name}Lora`, (backend, { x, w, bias: row, a, b }, { scale }) => {
    const h = runGemm(backend, { a: x, b: a, transposeB: true });
    const second = { a: h, b, scale };
    return [runGemm(backend, { a: x, b: w, transposeB: true, bias: row ?? null, second }), h];
  });
  for (const perThread of [2, 4] as const) {
    gemmProgram({ transposeA: false, transposeB: true, second: true, bias, perThread });
    if (bias) gemmProgram({ transposeA: false, transposeB: true, second: false, bias, perThread });
  }
}

registerGpuKernel('LinearGradInput', (backend, { dy, w, dh, a }) =>
  runGemm(backend, { a: dy, b: w, second: dh && a ? { a: dh, b: a, scale: 1 } : null }),
);
for (const perThread of [2, 4] as const) {
  gemmProgram({ transposeA: false, transposeB: false, second: true, bias: false, perThread });
}
