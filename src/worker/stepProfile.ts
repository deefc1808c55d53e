// Where the time of a whole SCoRe step goes on `simd`, by kinds of work: for the self-test's bar.
import { simdBackend } from '../backend/simd/simd';
import type { LanguageModel } from '../models/model';
import type { StepPart, StepProfile } from '../protocol/events';
import { profileKernels } from './kernelTimes';
import { openScoreSteps } from './scoreSteps';
import { letMessagesIn } from './turnstile';

const WARM_UP = 1;
const COUNTED = 3;

/** `runRows` plays the recorded steps of writing in one call: products and attention of one row each. */
function partOf(kernel: string): StepPart {
  if (kernel === 'gemm') return 'products';
  if (kernel === 'runRows') return 'writing';
  return kernel.startsWith('attention') ? 'attention' : 'otherKernels';
}

/** Means over the counted steps. @param model the bundled one: it speaks the recipe's task */
export async function profileStep(model: LanguageModel): Promise<StepProfile> {
  const steps = await openScoreSteps(model, WARM_UP + COUNTED);
  try {
    for (let i = 0; i < WARM_UP; i++) await steps.step();
    await letMessagesIn();
    const whole = await profileKernels(simdBackend(), async () => {
      for (let i = 0; i < COUNTED; i++) await steps.step();
    });
    const parts = { products: 0, attention: 0, writing: 0, otherKernels: 0, outside: whole.outside / COUNTED };
    for (const { kernel, milliseconds } of whole.kernels) parts[partOf(kernel)] += milliseconds / COUNTED;
    const kernels = whole.kernels.map(({ kernel, milliseconds }) => ({
      ...{ kernel, part: partOf(kernel), milliseconds: milliseconds / COUNTED },
    }));
    return { steps: COUNTED, milliseconds: whole.milliseconds / COUNTED, parts, kernels };
  } finally {
    await steps.close();
  }
}
