// Configurations of runs side by side: one line per setting, and which of them differ. Names as in `RunConfig`.
import type { RunConfig } from '../../protocol/events';

export interface ConfigLine {
  /** A part of the configuration (`earlyStop` as JSON), or `settings.` and the name of a setting. */
  name: string;
  /** One per run, in their order; undefined = this run has no such setting. */
  values: (string | number | boolean | undefined)[];
  isDifferent: boolean;
}

/** What names a run rather than says what it does is left out: id, time of the start. */
const parts = [
  'recipe',
  'model',
  'level',
  'seed',
  'totalSteps',
  'minutes',
  'evaluateEvery',
  'evaluationProblems',
  'testProblems',
  'checkpointEvery',
] as const satisfies readonly (keyof RunConfig)[];

function flattened(config: RunConfig): Map<string, string | number | boolean> {
  const flat = new Map<string, string | number | boolean>();
  for (const part of parts) {
    const value = config[part];
    if (value !== null && value !== undefined) flat.set(part, value);
  }
  flat.set('earlyStop', JSON.stringify(config.earlyStop ?? null));
  for (const [name, value] of Object.entries(config.settings)) flat.set(`settings.${name}`, value);
  return flat;
}

/** Lines in the order of the first run, then what only later runs have. */
export function configLines(configs: readonly RunConfig[]): ConfigLine[] {
  const flat = configs.map(flattened);
  const names = new Set(flat.flatMap((values) => [...values.keys()]));
  return [...names].map((name) => {
    const values = flat.map((one) => one.get(name));
    return { name, values, isDifferent: values.some((value) => value !== values[0]) };
  });
}
