// Where the time of a whole SCoRe step goes (both attempts sampled, rewards, reference, loss with gradients, AdamW), on the bundled
// model with the lesson's own settings: per kernel and outside of all kernels.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { loadModel, type ModelFiles } from '../../models/loadModel';
import type { RunConfig } from '../../protocol/events';
import { checkSettings } from '../../protocol/fields';
import { recipeById } from '../../recipes/index';
import { median } from '../../worker/benchModel';
import { type KernelTime, type Profile, profileKernels } from '../../worker/kernelTimes';
import { RunSession } from '../../worker/runSession';

const MODEL = 'dial-0.8m';
const WARM_UP = 2;
const COUNTED = 9;

async function readModel(): Promise<ModelFiles> {
  const folder = join('public', 'models', MODEL);
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
  const model = loadModel(MODEL, await readModel());
  const recipe = recipeById('score');
  const config: RunConfig = {
    ...{ id: 'bench', recipe: recipe.id, settings: checkSettings(recipe.fields, {}), seed: 1, minutes: null },
    ...{ totalSteps: WARM_UP + COUNTED + 1, model: MODEL, level: 6, evaluateEvery: 1000, evaluationProblems: 1 },
    ...{ checkpointEvery: 1000, createdAt: '' },
  };
  const session = await RunSession.create({ config, model, logProbTolerance: 1e-5, testProblems: 1 });
  const items = session.events();
  /** Pulls to the end of the next step, its traces included. */
  const step = async () => {
    for (;;) {
      const { value, done } = await items.next();
      if (done) throw new Error('bench score: expected another step, the run ended.');
      if ('event' in value && value.event.type === 'run.stepped') return;
    }
  };
  for (let i = 0; i < WARM_UP; i++) await step();
  const profiles: Profile[] = [];
  for (let i = 0; i < COUNTED; i++) profiles.push(await profileKernels(backend, step));
  await items.return(undefined);
  session.dispose();
  model.dispose();
  return typical(profiles);
}
