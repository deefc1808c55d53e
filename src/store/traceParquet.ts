// TRL's completions table as Parquet: step, prompt, completion, one column per reward term, advantage; and, as extra columns,
// what a run of two attempts has besides. One row per attempt (`turn` 1 and 2), both with both texts beside it.
// Loaded only when somebody exports.
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { parsePrompt, readAnswer } from '../lib/dialProblem';
import type { Trace } from '../protocol/trace';
import { extraColumns, type RunColumns, type TraceWriter } from './traceExport';

type Cell = string | number | boolean | null;
interface Column {
  name: string;
  type: 'STRING' | 'INT32' | 'DOUBLE' | 'BOOLEAN';
  /** of attempt `turn` (0, 1) of a sample */
  value(trace: Trace, turn: number): Cell;
}

/** Rows that are gathered before they are written as one row group. */
const ROW_GROUP = 1024;

/** Where an answer to Dial ended; also of samples that an older page kept without columns beside the score. */
function parsedAnswer({ prompt, attempts }: Trace, turn: number): string | null {
  const { text, extra } = attempts[turn];
  if (extra) return typeof extra.parsed_answer === 'string' ? extra.parsed_answer : null;
  const landing = parsePrompt(prompt) ? readAnswer(text).hops.at(-1)?.landing : undefined;
  return landing === undefined ? null : String(landing);
}

/** Reward terms and columns beside the score that bear the name of another column get a prefix. */
function columnsOf(runId: string, { terms, extras }: RunColumns): Column[] {
  const before: Column[] = [
    { name: 'step', type: 'INT32', value: (trace) => trace.step },
    { name: 'prompt', type: 'STRING', value: (trace) => trace.prompt },
    { name: 'completion', type: 'STRING', value: (trace, turn) => trace.attempts[turn].text },
  ];
  const text = (trace: Trace, turn: number) => trace.attempts[turn]?.text ?? null;
  const after: Column[] = [
    { name: 'advantage', type: 'DOUBLE', value: (trace, turn) => trace.attempts[turn].advantage },
    { name: 'turn', type: 'INT32', value: (_, turn) => turn + 1 },
    { name: 'completion_t1', type: 'STRING', value: (trace) => text(trace, 0) },
    { name: 'completion_t2', type: 'STRING', value: (trace) => text(trace, 1) },
    { name: 'parsed_answer', type: 'STRING', value: parsedAnswer },
    { name: 'solution', type: 'STRING', value: (trace, turn) => trace.attempts[turn].extra?.solution ?? null },
    { name: 'correct', type: 'BOOLEAN', value: (trace, turn) => trace.attempts[turn].correct },
    { name: 'flip', type: 'STRING', value: (trace) => trace.flip },
    { name: 'kind', type: 'STRING', value: (trace) => trace.kind },
    { name: 'stage', type: 'STRING', value: (trace) => trace.stage },
    { name: 'problem', type: 'INT32', value: (trace) => trace.problem },
    { name: 'first', type: 'INT32', value: (trace) => trace.first },
    { name: 'sample', type: 'INT32', value: (trace) => trace.index },
    { name: 'run', type: 'STRING', value: () => runId },
  ];
  const taken = new Set([...before, ...after].map(({ name }) => name));
  const rewards = terms.map((term): Column => {
    const name = taken.has(term) ? `reward_${term}` : term;
    return { name, type: 'DOUBLE', value: (trace, turn) => trace.attempts[turn].rewards[term] ?? null };
  });
  const used = new Set([...taken, ...rewards.map(({ name }) => name)]);
  const typed = (names: readonly string[], type: 'DOUBLE' | 'STRING') =>
    extraColumns(names, used).map(({ name, column }): Column => {
      return { name: column, type, value: (trace, turn) => trace.attempts[turn].extra?.[name] ?? null };
    });
  const texts = extras.texts.filter((name) => name !== 'parsed_answer' && name !== 'solution');
  return [...before, ...rewards, ...after, ...typed(extras.numbers, 'DOUBLE'), ...typed(texts, 'STRING')];
}

export function parquetWriter(runId: string, of: RunColumns): TraceWriter {
  const columns = columnsOf(runId, of);
  const schema = schemaFromColumnData({
    columnData: columns.map(({ name, type }) => ({ name, type, data: [], nullable: true })),
  });
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({ writer: bytes, schema, createdBy: 'second-thought' });
  let gathered: Cell[][] = columns.map(() => []);

  /** Writes what was gathered as a row group. */
  const close = () => {
    if (gathered[0].length === 0) return;
    const columnData = columns.map(({ name }, c) => ({ name, data: gathered[c] }));
    parquet.write({ columnData, rowGroupSize: gathered[0].length });
    gathered = columns.map(() => []);
  };
  /** `offset` counts on from the file's beginning, `index` begins anew. */
  const drain = () => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece.length === 0 ? [] : [piece];
  };
  return {
    add(trace) {
      for (let turn = 0; turn < trace.attempts.length; turn++) {
        for (const [c, column] of columns.entries()) gathered[c].push(column.value(trace, turn));
      }
    },
    take() {
      if (gathered[0].length < ROW_GROUP) return [];
      close();
      return drain();
    },
    finish() {
      close();
      parquet.finish();
      return drain();
    },
  };
}
