// One row of the list: two lines, one per attempt. Figures come from the table at once, texts when they have been read.
// biome-ignore-all lint/a11y/useSemanticElements: a real table cannot leave out most of its rows
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its row (aria-activedescendant)
import type { CSSProperties, ReactNode } from 'react';
import type { RowText } from '../../store/traceReader';
import { chunkAt, columnOf, EXTRA, episodeOf, FLIPS, type TraceTable } from '../../store/traceTable';
import { flipKeys } from '../samples/sampleWords';
import { Mark } from '../ui/Mark';
import { useTraceWords } from './columnWords';

function Cell({ className, children }: { className: string; children: ReactNode }) {
  return (
    <div role="gridcell" className={className}>
      {children}
    </div>
  );
}

const FIGURES = ['total', 'advantage', 'length'];

interface SampleRowProps {
  id: string;
  table: TraceTable;
  row: number;
  /** Place in the list, from 0. */
  place: number;
  text: RowText | null;
  isCursor: boolean;
  isOpen: boolean;
  /** Numbers beside the score, by name. */
  columns: readonly string[];
  style: CSSProperties;
  onOpen(): void;
}

export function SampleRow({ id, table, row, place, text, isCursor, isOpen, columns, style, onOpen }: SampleRowProps) {
  const { say, t, format } = useTraceWords();
  const chunk = chunkAt(table, row);
  const flip = FLIPS[table.flip[row]];
  const attempts = Array.from({ length: chunk.attempts }, (_, i) => i);
  const figure = (field: string, attempt: number) => {
    const value = columnOf(table, `${field}@${attempt + 1}`)[row];
    if (Number.isNaN(value)) return '–';
    return field === 'length' || field.startsWith(EXTRA) ? format.number(value) : format.signed(value, 2);
  };
  const { prompt, answers } = text && text !== 'gone' ? text : { prompt: '…', answers: [] };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and takes the keys
    <div
      id={id}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={isOpen}
      className={`trace-row ${flip ?? ''}${isCursor ? ' cursor' : ''}`}
      style={style}
      onClick={onOpen}
    >
      <Cell className="where">
        <b>{format.number(chunk.step)}</b> <span>{say(`short.${chunk.kind}`)}</span>
      </Cell>
      <Cell className="prompt">
        <span className="model-text" lang="zxx">
          {text === 'gone' ? say('list.gone') : prompt}
        </span>
      </Cell>
      <Cell className="answers">
        {attempts.map((attempt) => (
          <div key={attempt} className={`attempt attempt-${attempt + 1}`}>
            <Mark right={chunk.correct[episodeOf(table, row) * chunk.attempts + attempt] === 1} />
            <span className="model-text" lang="zxx">
              {answers[attempt]}
            </span>
          </div>
        ))}
      </Cell>
      <Cell className={`flip ${flip ?? ''}`}>{flip ? t(flipKeys[flip]) : '–'}</Cell>
      {FIGURES.concat(columns.map((name) => `${EXTRA}${name}`)).map((field) => (
        <Cell key={field} className={`figures ${field.startsWith(EXTRA) ? 'extra' : field}`}>
          {attempts.map((attempt) => (
            <span key={attempt}>{figure(field, attempt)}</span>
          ))}
        </Cell>
      ))}
    </div>
  );
}
