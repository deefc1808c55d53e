// The residual sum for `webgpu`: the backend folds it into the launch that makes its later term.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';

registerGpuKernel('Residual', (backend, { x, y }) => backend.sum(x, y));
