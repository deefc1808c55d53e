// What the address may ask for, so that a teacher (or a test) can share a lesson that repeats exactly:
//   ?seed=7&steps=12&backend=simd&threads=1&every=4&problems=100&test=500&checkpoint=5      Unknown or unreadable values are ignored.
import type { BackendName } from '../protocol/events';
import type { Settings } from '../protocol/fields';

export type BackendChoice = BackendName | 'auto';

export interface Options {
  /** Seed of runs and problems; null = a new one each time. */
  seed: number | null;
  /** Practise this many steps instead of minutes. */
  steps: number | null;
  minutes: number;
  backend: BackendChoice | null;
  threads: number | null;
  /** Recipe settings by name, `set.name=value`: numbers and true/false are read as such. */
  settings: Settings;
  /** Steps between checkpoints; null = as the lesson does. */
  checkpointEvery: number | null;
  /** How often, and on how many problems, a run is measured; left out = as the lesson does. */
  evaluation: { every?: number; problems?: number; testProblems?: number };
  /** `on` and `off` force the tour of the first visit, or keep it away; null = as usual. */
  tour: 'on' | 'off' | null;
}

function whole(text: string | null, min: number, max: number): number | null {
  if (text === null || !/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

function settingValue(text: string): Settings[string] {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

export function readOptions(search: string): Options {
  const query = new URLSearchParams(search);
  const backend = query.get('backend');
  const tour = query.get('tour');
  const settings: Settings = {};
  for (const [name, value] of query) if (name.startsWith('set.')) settings[name.slice(4)] = settingValue(value);
  return {
    seed: whole(query.get('seed'), 0, 2 ** 31 - 1),
    steps: whole(query.get('steps'), 1, 1_000_000),
    minutes: whole(query.get('minutes'), 1, 600) ?? 5,
    backend: backend === 'simd' || backend === 'webgpu' || backend === 'auto' ? backend : null,
    threads: whole(query.get('threads'), 1, 64),
    settings,
    checkpointEvery: whole(query.get('checkpoint'), 1, 1_000_000),
    tour: tour === 'on' || tour === 'off' ? tour : null,
    evaluation: {
      every: whole(query.get('every'), 1, 1_000_000) ?? undefined,
      problems: whole(query.get('problems'), 1, 10_000) ?? undefined,
      testProblems: whole(query.get('test'), 0, 10_000) ?? undefined,
    },
  };
}
