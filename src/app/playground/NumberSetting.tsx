// A number with a name and a line of help. What is typed counts once it is within its range; leaving the field puts the last good one back.
import { useEffect, useId, useState } from 'react';

interface NumberSettingProps {
  label: string;
  help?: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange(value: number): void;
}

export function NumberSetting({ label, help, value, min, max, step, onChange }: NumberSettingProps) {
  const id = useId();
  const [draft, setDraft] = useState(String(value));
  useEffect(() => setDraft(String(value)), [value]);
  const read = (text: string): number | null => {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    const isWhole = step !== 1 || Number.isInteger(number);
    return number >= min && number <= max && isWhole ? number : null;
  };
  return (
    <div className="number-setting">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={min}
        max={max}
        step={step}
        value={draft}
        aria-invalid={read(draft) === null}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={({ target }) => {
          setDraft(target.value);
          const number = read(target.value);
          if (number !== null) onChange(number);
        }}
        onBlur={() => setDraft(String(value))}
      />
      {help && (
        <span id={`${id}-help`} className="note">
          {help}
        </span>
      )}
    </div>
  );
}
