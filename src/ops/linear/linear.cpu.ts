// The truth of the linear layer, in terms of the reference Gemm.
import { type FloatTensor, registerCpuKernel } from '../cpuKernel';
import { referenceGemm } from '../gemm/gemm.cpu';

export interface ReferenceLora {
  a: FloatTensor;
  b: FloatTensor;
  scale: number;
}

const plain = { transposeA: false, transposeB: false, alpha: 1 };

function addInto(target: FloatTensor, other: FloatTensor): void {
  for (let i = 0; i < target.data.length; i++) target.data[i] += other.data[i];
}

/** y = x·Wᵀ (+ bias) (+ scale·(x·Aᵀ)·Bᵀ). @returns [y], or [y, h] with LoRA, h = x·Aᵀ */
export function referenceLinear(
  x: FloatTensor,
  w: FloatTensor,
  bias: FloatTensor | null,
  lora: ReferenceLora | null,
): FloatTensor[] {
  const y = referenceGemm(x, w, { ...plain, transposeB: true });
  const out = w.shape[0];
  if (bias) for (let i = 0; i < y.data.length; i++) y.data[i] += bias.data[i % out];
  if (!lora) return [y];
  const h = referenceGemm(x, lora.a, { ...plain, transposeB: true });
  addInto(y, referenceGemm(h, lora.b, { transposeA: false, transposeB: true, alpha: lora.scale }));
  return [y, h];
}

/** dx = dy·W (+ dh·A) */
function referenceLinearGradInput(
  dy: FloatTensor,
  w: FloatTensor,
  dh: FloatTensor | null,
  a: FloatTensor | null,
): FloatTensor {
  const dx = referenceGemm(dy, w, plain);
  if (dh && a) addInto(dx, referenceGemm(dh, a, plain));
  return dx;
}

for (const bias of [false, true]) {
  const name = `Linear${bias ? 'Bias' : ''}`;
  registerCpuKernel(
    name,
    (inputs) => referenceLinear(inputs.f('x'), inputs.f('w'), bias ? inputs.f('bias') : null, null)[0],
  );
  registerCpuKernel<{ scale: number }>(`${name}Lora`, (inputs, { scale }) =>
    referenceLinear(inputs.f('x'), inputs.f('w'), bias ? inputs.f('bias') : null, {
      a: inputs.f('a'),
      b: inputs.f('b'),
      scale,
    }),
  );
}
registerCpuKernel('LinearGradInput', (inputs) => {
  const lora = inputs.names.includes('dh');
  return referenceLinearGradInput(
    inputs.f('dy'),
    inputs.f('w'),
    lora ? inputs.f('dh') : null,
    lora ? inputs.f('a') : null,
  );
});
