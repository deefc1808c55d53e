// One synchronous loss and its gradients: the only place where training holds a tape.
import { dispose, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { gradients } from '../ops/backward';

/**
 * Gradients of a scalar loss with respect to `parameters`, in their order. The caller disposes them.
 * @param loss builds the scalar; everything it makes besides the loss is freed
 */
function gradientsOf(loss: () => Scalar, parameters: Tensor[]): { loss: Scalar; grads: Tensor[] } {
  const { value, grads } = gradients(loss, parameters);
  return { loss: value, grads };
}

/** Runs gradientsOf, hands the gradients to `use`, frees everything, returns what `use` returned. */
export async function withGradients<T>(
  loss: () => Scalar,
  parameters: Tensor[],
  use: (grads: Tensor[]) => Promise<T>,
): Promise<T> {
  const { loss: value, grads } = tidy(() => gradientsOf(loss, parameters) as never) as {
    loss: Scalar;
    grads: Tensor[];
  };
  try {
    return await use(grads);
  } finally {
    dispose([value, ...grads]);
  }
}
