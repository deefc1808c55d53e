// A few exclusive choices side by side. Real radio buttons underneath: arrow keys and screen readers know them.
import { useId } from 'react';

interface SegmentsProps<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange(value: T): void;
  disabled?: boolean;
  /** Shows the label above instead of only to screen readers. */
  labelled?: boolean;
}

export function Segments<T extends string>(props: SegmentsProps<T>) {
  const { label, options, value, onChange, disabled = false, labelled = false } = props;
  const name = useId();
  return (
    <fieldset className="segments" disabled={disabled}>
      <legend className={labelled ? undefined : 'visually-hidden'}>{label}</legend>
      <div className="segments-row">
        {options.map((option) => (
          <label key={option.value} className={option.value === value ? 'chosen' : undefined}>
            <input
              type="radio"
              name={name}
              className="visually-hidden"
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
