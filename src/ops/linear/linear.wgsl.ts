// The linear layer for `webgpu`: one launch, two with LoRA (h = x·Aᵀ first, then both products into one tile of y).
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { declareGemm, runGemm } from '../gemm/gemm.wgsl';

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
  declareGemm({ transposeA: false, transposeB: true, second: true, bias });
}
declareGemm({ transposeA: false, transposeB: true, second: false, bias: true });

registerGpuKernel('LinearGradInput', (backend, { dy, w, dh, a }) =>
  runGemm(backend, { a: dy, b: w, second: dh && a ? { a: dh, b: a, scale: 1 } : null }),
);
declareGemm({ transposeA: false, transposeB: false, second: true, bias: false });
