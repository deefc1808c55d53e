// The truth of the residual sum, float64.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';

export function referenceResidual(x: FloatTensor, y: FloatTensor): FloatTensor {
  return floats(
    x.shape,
    x.data.map((value, i) => value + y.data[i]),
  );
}

registerCpuKernel('Residual', ({ f }) => referenceResidual(f('x'), f('y')));
