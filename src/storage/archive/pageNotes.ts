// What a person keeps beside runs (presets, runs that wait in line, saved examples) as one readable file of an archive, and back.
import { type QueueItem, type StoredForm, withDatabase } from '../database';
import type { SavedExample } from '../storedExamples';
import {
  date,
  earlyStop,
  fields,
  id,
  listOf,
  mapOf,
  number,
  oneOf,
  optional,
  orNull,
  setting,
  text,
  whole,
} from './rowChecks';

export interface PageNotes {
  presets: StoredForm[];
  queue: QueueItem[];
  examples: SavedExample[];
}

const form = fields({
  recipe: text,
  task: optional(oneOf('dial', 'left', 'arithmetic')),
  level: whole,
  settings: mapOf(setting),
  seed: orNull(whole),
  steps: orNull(whole),
  minutes: orNull(number),
  evaluation: fields({ every: whole, problems: whole, testProblems: whole }),
  checkpointEvery: whole,
  earlyStop: orNull(earlyStop),
});
const request = fields({
  runId: id,
  recipe: text,
  settings: mapOf(setting),
  seed: whole,
  steps: orNull(whole),
  minutes: orNull(number),
  task: optional(oneOf('dial', 'left', 'arithmetic')),
  level: optional(whole),
  checkpointEvery: optional(whole),
  earlyStop: optional(orNull(earlyStop)),
});
const notes = fields({
  presets: listOf(fields({ name: text, form })),
  queue: listOf(
    fields({
      id,
      request,
      name: text,
      group: orNull(text),
      status: oneOf('waiting', 'failed'),
      error: orNull(text),
    }),
  ),
  examples: listOf(
    fields({
      id,
      savedAt: date,
      messages: listOf(fields({ role: oneOf('system', 'user', 'assistant'), content: text })),
      right: listOf(oneOf(true, false)),
      runId: orNull(id),
    }),
  ),
});

function isWhole(check: (value: unknown, where: string) => void, value: unknown): boolean {
  try {
    check(value, '');
    return true;
  } catch {
    return false;
  }
}

/** The form being filled in and the run under way are no notes; a preset with a number half typed is left out. */
export async function readPageNotes(): Promise<PageNotes> {
  const [forms, queue, examples] = await withDatabase('reading presets, queue and examples', (db) =>
    Promise.all([db.getAll('forms'), db.get('queue', 'queue'), db.getAll('examples')]),
  );
  return {
    presets: forms.filter(({ name, form: own }) => name !== '' && isWhole(form, own)),
    queue: (queue ?? []).filter(({ status }) => status !== 'running'),
    examples,
  };
}

/** The checks have just made sure of the type. @throws StudioError('input') that names the field */
export function checkedPageNotes(value: unknown): PageNotes {
  notes(value, 'page');
  return value as PageNotes;
}
