// Where the time of a whole SCoRe step goes (both attempts sampled, rewards, reference, loss with gradients, AdamW), on the bundled
// model with the lesson's own settings: per kernel and outside of all kernels.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { loadModel, type ModelFiles } from '../../models/loadModel';
import { median } from '../../worker/benchModel';
import { type KernelTime, type Profile, profileKernels } from '../../worker/kernelTimes';
import { openScoreSteps, SCORE_MODEL } from '../../worker/scoreSteps';

const WARM_UP = 2;
const COUNTED = 9;

async function readModel(): Promise<ModelFiles> {
  const folder = join('public', 'models', SCORE_MODEL);
  const files: ModelFiles = new Map();
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)));
  return files;
}

/** Medians over steps, kernel by kernel: steps differ a little in the length of their texts. */
function typical(profiles: Profile[]): Profile {
  const names = new Set(profiles.flatMap(({ kernels }) => kernels.map(({ kernel }) => kernel)));
  const of = (pick: (profile: Profile) => number) => median(profiles.map(pick));
  const kernels: KernelTime[] = [...names].map((kernel) => {
    const times = (profile: Profile) => profile.kernels.find((time) => time.kernel === kernel);
    return {
      kernel,
      calls: of((profile) => times(profile)?.calls ?? 0),
      milliseconds: of((profile) => times(profile)?.milliseconds ?? 0),
    };
  });
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  return { milliseconds: of((profile) => profile.milliseconds), kernels, outside: of((profile) => profile.outside) };
}

export async function profileScoreStep(backend: SimdBackend): Promise<Profile> {
  const model = loadModel(SCORE_MODEL, await readModel());
  const steps = await openScoreSteps(model, WARM_UP + COUNTED);
  for (let i = 0; i < WARM_UP; i++) await steps.step();
  const profiles: Profile[] = [];
  for (let i = 0; i < COUNTED; i++) profiles.push(await profileKernels(backend, steps.step));
  await steps.close();
  model.dispose();
  return typical(profiles);
}
