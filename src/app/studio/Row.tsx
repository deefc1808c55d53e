// One line of the form: what it is, what moving it does, the control, and whether it was changed.
import { RotateCcw } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useStudioWords } from './useStudioWords';

interface RowProps {
  /** Found by the start button when something is wrong here. */
  place: string;
  label: string;
  help?: string;
  /** Default, range: in few words after the help. */
  facts?: string;
  isChanged?: boolean;
  /** The default in words, for the button that puts it back. */
  otherwise?: string;
  onReset?(): void;
  /** What is wrong with the value. */
  fault?: string | null;
  children(ids: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }): ReactNode;
}

export function Row({ place, label, help, facts, isChanged, otherwise, onReset, fault, children }: RowProps) {
  const { s } = useStudioWords();
  const id = useId();
  const helpId = `${id}-help`;
  return (
    <div className="form-row" data-place={place} data-changed={isChanged || undefined}>
      <div className="form-words">
        <label htmlFor={id}>{label}</label>
        {isChanged && <span className="changed-mark">{s('field.changed')}</span>}
        <p className="note" id={helpId}>
          {help}
          {facts && <span className="facts-line"> {facts}</span>}
          {fault && <span className="fault"> {fault}</span>}
        </p>
      </div>
      <div className="form-control">
        {children({ id, 'aria-describedby': helpId, 'aria-invalid': Boolean(fault) })}
        {isChanged && onReset && otherwise !== undefined && (
          <button
            type="button"
            className="quiet"
            aria-label={s('field.resetName', { name: label, value: otherwise })}
            onClick={onReset}
          >
            <RotateCcw size={16} aria-hidden="true" />
            {s('field.reset', { value: otherwise })}
          </button>
        )}
      </div>
    </div>
  );
}
