// What lies beside runs travels with everything: out, in, and refused where it is not what it should be.
import 'fake-indexeddb/auto';
import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { LESSON_FORM } from '../../protocol/runForm';
import { putExample, type SavedExample } from '../storedExamples';
import { putForm } from '../storedForms';
import { putQueue } from '../storedQueue';
import { exportRuns, hashOf } from './exportRuns';
import { importRuns } from './importRuns';
import { readPageNotes } from './pageNotes';

test('presets, queue and examples go along when all is taken: the form being filled in and the run under way do not', async () => {
  const waiting = { runId: 'q-1', ...LESSON_FORM, seed: 3 };
  const item = { id: 'q-1', request: waiting, name: 'overnight', group: null, status: 'waiting' as const, error: null };
  const example: SavedExample = {
    id: 'e-1',
    savedAt: '2026-01-02T00:00:00.000Z',
    messages: [{ role: 'user', content: '<script>7 3</script>' }],
    right: [true, false],
    runId: null,
  };
  await putForm({ name: '', form: LESSON_FORM });
  await putForm({ name: 'long', form: { ...LESSON_FORM, settings: { alpha: 5 } } });
  await putForm({ name: 'half typed', form: { ...LESSON_FORM, level: Number.NaN } });
  await putQueue([{ ...item, id: 'q-0', status: 'running' }, item]);
  await putExample(example);
  const notes = await readPageNotes();
  expect(notes).toEqual({
    presets: [{ name: 'long', form: { ...LESSON_FORM, settings: { alpha: 5 } } }],
    queue: [item],
    examples: [example],
  });
  const file = await exportRuns({ runIds: [], adapterOf: async () => null, onProgress: () => {}, page: notes });
  expect(await importRuns(file, () => {})).toEqual({ imported: [], known: [], page: notes });

  const files = unzipSync(new Uint8Array(await file.arrayBuffer()));
  const withPage = async (page: unknown) => {
    const bytes = strToU8(JSON.stringify(page));
    const manifest = JSON.parse(new TextDecoder().decode(files['second-thought.json']));
    manifest.page = { bytes: bytes.length, sha256: await hashOf(new Uint8Array(bytes)) };
    const entries = { ...files, 'page.json': bytes, 'second-thought.json': strToU8(JSON.stringify(manifest)) };
    return new Blob([new Uint8Array(zipSync(entries as Zippable))]);
  };
  await expect(
    importRuns(await withPage({ ...notes, examples: [{ ...example, right: ['yes'] }] }), () => {}),
  ).rejects.toThrow('imported page.examples[0].right[0]: expected one of true, false, got "yes"');
  await expect(
    importRuns(await withPage({ ...notes, queue: [{ ...item, status: 'running' }] }), () => {}),
  ).rejects.toThrow('page.queue[0].status');
});
