// Which numbers beside the score the list shows as columns of their own.
import { Columns3 } from 'lucide-react';
import { MOST_COLUMNS } from '../../store/traceQuery';
import type { TraceView } from '../../store/traceView';
import { extraName } from '../samples/sampleWords';
import { Pill } from '../ui/Pill';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

export function ColumnsMenu({ view }: { view: TraceView }) {
  const { say, t } = useTraceWords();
  const { numbers } = useViewState(view, (state) => state.table.extras);
  const columns = useViewState(view, (state) => state.columns);
  if (numbers.length === 0) return null;
  const shown = numbers.filter((name) => columns.includes(name));
  const choose = (name: string, wanted: boolean) =>
    view.apply({ columns: numbers.filter((other) => (other === name ? wanted : shown.includes(other))) });
  return (
    <Pill
      title={say('columns.title')}
      label={
        <>
          <Columns3 size={16} aria-hidden="true" />
          {say('columns.title')}
        </>
      }
    >
      <p className="note">{say('columns.note')}</p>
      {numbers.map((name) => (
        <label key={name} className="check">
          <input
            type="checkbox"
            checked={shown.includes(name)}
            disabled={!shown.includes(name) && shown.length >= MOST_COLUMNS}
            onChange={({ target }) => choose(name, target.checked)}
          />
          {extraName(t, name)}
        </label>
      ))}
    </Pill>
  );
}
