// Exported files hold exactly the filtered samples: JSONL and CSV read back, Parquet read back by another reader.
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { namedChunk } from '../app/testing/manySamples';
import { problem, traceChunk } from '../app/testing/recordedLesson';
import { collectTraces } from '../evaluation/collectTraces';
import { parsePrompt } from '../lib/dialProblem';
import { expandTrace } from '../protocol/expandTrace';
import type { TraceChunk } from '../protocol/trace';
import { indexOfChunk } from '../protocol/traceIndex';
import { dialTask } from '../rewards/dialTask';
import { csvWriter, exportTraces, jsonlWriter, type TraceWriter } from './traceExport';
import { filterRows, noFilter } from './traceFilter';
import { parquetWriter } from './traceParquet';
import { tableOf } from './traceTable';

const chunks = [traceChunk(5), traceChunk(5, 'eval_greedy'), traceChunk(40)];
const table = tableOf(chunks.map(indexOfChunk));
const { rows } = filterRows(table, { ...noFilter, flip: 'c_to_i' });

async function write(writer: TraceWriter, source = chunks, from = table, which = rows): Promise<Blob> {
  const shares: number[] = [];
  const done = await exportTraces({
    table: from,
    // Sorted otherwise on screen: a file is in the order of steps.
    rows: which.slice().reverse(),
    read: async ({ step, kind }) => source.find((chunk) => chunk.step === step && chunk.kind === kind) ?? null,
    writer,
    type: 'text/plain',
    onProgress: (at, total) => shares.push(at / total),
    signal: new AbortController().signal,
  });
  expect(shares.at(-1)).toBe(1);
  expect(done?.written).toBe(which.length);
  return done?.blob ?? new Blob();
}

test('JSONL: one sample per line with every token figure, float32 numbers exact', async () => {
  const lines = (await (await write(jsonlWriter('run-1'))).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(48);
  const traces = lines.map((line) => JSON.parse(line));
  expect(traces[0]).toMatchObject({
    version: 1,
    run: 'run-1',
    kind: 'eval_greedy',
    step: 5,
    sample: 1,
    flip: 'c_to_i',
  });
  expect(traces.map(({ step }) => step)).toEqual([...Array(32).fill(5), ...Array(16).fill(40)]);
  const trace = expandTrace(chunks[2], 1);
  const last = traces[32];
  expect(last.attempts[1].rewards).toEqual(trace.attempts[1].rewards);
  expect(last.attempts[0].rewards.shaping).toBeNull();
  expect(last.attempts[1].log_prob.map(Math.fround)).toEqual(trace.attempts[1].tokens.map(({ logProb }) => logProb));
  expect(last.attempts[1].tokens.join(' ')).toContain(trace.attempts[1].text);
});

/** RFC 4180. */
function readCsv(text: string): string[][] {
  const cells = [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n)/g)];
  const rows: string[][] = [[]];
  for (const [, cell, end] of cells) {
    rows[rows.length - 1].push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('CSV: one row per sample, quoted where needed, empty where not computed', async () => {
  const odd = namedChunk(7);
  odd.prompts[1] = 'say "hi",\nthen go';
  const one = tableOf([indexOfChunk(odd)]);
  const blob = await write(csvWriter('run-1', one), [odd], one, Uint32Array.of(0, 1));
  const [head, first, second] = readCsv(await blob.text());
  const cell = (row: string[], name: string) => row[head.indexOf(name)];
  expect(cell(second, 'prompt')).toBe('say "hi",\nthen go');
  expect(cell(first, 'flip')).toBe('i_to_c');
  expect(cell(first, 'shaping_t2')).toBe('10');
  expect(cell(first, 'shaping_t1')).toBe('');
  expect(cell(first, 'correct_t2')).toBe('1');
  expect(cell(first, 'completion_t2')).toBe(expandTrace(odd, 0).attempts[1].text);
  expect(head).toHaveLength(first.length);
});

test('Parquet: TRL’s columns, a row per attempt, several row groups, read back by hyparquet', async () => {
  const many = Array.from({ length: 40 }, (_, i) => traceChunk(i + 1));
  const large = tableOf(many.map(indexOfChunk));
  const all = filterRows(large, noFilter).rows;
  const file = await (await write(parquetWriter('run-1', large), many, large, all)).arrayBuffer();
  const metadata = parquetMetadata(file);
  expect(Number(metadata.num_rows)).toBe(2 * 40 * 64);
  expect(metadata.row_groups.length).toBeGreaterThan(1);
  const names = metadata.schema.slice(1).map(({ name }) => name);
  expect(names.slice(0, 6)).toEqual(['step', 'prompt', 'completion', 'reward', 'shaping', 'credit']);
  expect(names).toEqual(
    expect.arrayContaining(['advantage', 'turn', 'completion_t1', 'completion_t2', 'parsed_answer', 'solution']),
  );
  const read = await parquetReadObjects({ file });
  const trace = expandTrace(many[39], 1);
  const [turn1, turn2] = read.filter((row) => row.step === 40 && row.sample === 1);
  expect(turn1).toMatchObject({ turn: 1, completion: trace.attempts[0].text, shaping: null, correct: true });
  expect(turn2).toMatchObject({
    prompt: `dial ${problem.join(' ')}`,
    turn: 2,
    completion: trace.attempts[1].text,
    completion_t1: trace.attempts[0].text,
    reward: 0,
    shaping: -10,
    advantage: trace.attempts[1].advantage,
    parsed_answer: '1',
    // kept by an older page, without columns beside the score
    solution: null,
    flip: 'c_to_i',
  });
});

test('an export can be stopped, and leaves out samples that are not stored any more', async () => {
  const stop = new AbortController();
  const job = { table, rows, type: '', onProgress: () => undefined, signal: stop.signal };
  const gone = await exportTraces({ ...job, read: async () => null, writer: jsonlWriter('a') });
  expect(gone?.written).toBe(0);
  const read = async () => {
    stop.abort();
    return chunks[0];
  };
  expect(await exportTraces({ ...job, read, writer: jsonlWriter('a') })).toBeNull();
});

/** The recorded samples, judged by the task itself: with all that it tells beside the score. */
function judgedChunk(step: number): TraceChunk {
  const chunk = traceChunk(step);
  const task = dialTask(6);
  const episodes = Array.from({ length: chunk.episodes }, (_, e) => {
    const trace = expandTrace(chunk, e);
    const attempts = trace.attempts.map(({ text }) => ({
      turn: {
        tokens: Int32Array.of(),
        logProbs: Float32Array.of(),
        entropies: Float32Array.of(),
        finish: 'end' as const,
      },
      verdict: task.verify(parsePrompt(trace.prompt)!, text, true),
      rewards: {},
      advantage: null,
    }));
    return { prompt: trace.prompt, problem: e, first: e, attempts };
  });
  const head = { kind: 'train' as const, step, stage: '', instruction: '' };
  return { ...chunk, extra: collectTraces(episodes, head, { tokenText: String } as never).extra };
}

test('what a task tells beside the score is in every file under its name; a run of an older page leaves it empty', async () => {
  const [old, judged] = [traceChunk(4), judgedChunk(5)];
  const both = tableOf([old, judged].map(indexOfChunk));
  const all = filterRows(both, noFilter).rows;
  const of = (writer: TraceWriter) => write(writer, [old, judged], both, all);
  const right = /^7( [+-]\d+= \d+){4} [+-]8= 0$/;

  const lines = (await (await of(jsonlWriter('r'))).text()).trimEnd().split('\n');
  const traces = lines.map((line) => JSON.parse(line));
  expect(traces[1].attempts[1]).not.toHaveProperty('extra');
  const { extra } = traces[65].attempts[1];
  expect(extra).toMatchObject({ landing: 1, missed_by: 1, wrong_hops: 1, first_wrong_hop: 4, parsed_answer: '1' });
  expect(extra.solution).toMatch(right);

  const [head, ...rowsOfCsv] = readCsv(await (await of(csvWriter('r', both))).text());
  const cell = (row: string[], name: string) => row[head.indexOf(name)];
  expect(cell(rowsOfCsv[1], 'landing_t2')).toBe('');
  expect(cell(rowsOfCsv[65], 'landing_t2')).toBe('1');
  expect(cell(rowsOfCsv[65], 'first_wrong_hop_t1')).toBe('');
  expect(cell(rowsOfCsv[65], 'first_wrong_hop_t2')).toBe('4');
  expect(cell(rowsOfCsv[65], 'solution_t1')).toMatch(right);

  const file = await (await of(parquetWriter('r', both))).arrayBuffer();
  const read = await parquetReadObjects({ file });
  const [before, after] = [4, 5].map(
    (step) => read.find((row) => row.step === step && row.sample === 1 && row.turn === 2)!,
  );
  expect(before).toMatchObject({ landing: null, parsed_answer: '1', solution: null });
  expect(after).toMatchObject({ landing: 1, wrong_hops: 1, first_wrong_hop: 4, parsed_answer: '1' });
  expect(after.solution).toMatch(right);
});

test('CSV: a text that a spreadsheet would take for a formula gets an apostrophe, numbers stay numbers', async () => {
  const odd = namedChunk(7);
  const prompts = ['=1+1', '+3', '-3= 4', '@cell', "'quoted", '\t=1', 'dial 7'];
  odd.prompts.splice(0, prompts.length, ...prompts);
  const one = tableOf([indexOfChunk(odd)]);
  const some = Uint32Array.from(prompts, (_, i) => i);
  const [head, ...read] = readCsv(await (await write(csvWriter('=run', one), [odd], one, some)).text());
  const column = (name: string) => read.map((row) => row[head.indexOf(name)]);
  expect(column('prompt')).toEqual(["'=1+1", "'+3", "'-3= 4", "'@cell", "''quoted", "'\t=1", 'dial 7']);
  expect(column('prompt').map((text) => text.replace(/^'/, ''))).toEqual(prompts);
  expect(column('run')[0]).toBe("'=run");
  expect(column('advantage_t1')[1]).toBe('-1.75');
  expect(column('shaping_t2')[1]).toBe('-10');
});
