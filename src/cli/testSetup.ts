// Before the unit tests: the compute kernels they run must be compiled from the sources of this moment.
import buildKernels from './buildKernels';

export default async function setup(): Promise<void> {
  await buildKernels();
}
