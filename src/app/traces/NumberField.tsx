// A small field for a bound; empty means none. What is no number is not taken over.
import { useEffect, useState } from 'react';

interface NumberFieldProps {
  label: string;
  value: number | null;
  /** Whole numbers from 0. */
  whole?: boolean;
  onChange(value: number | null): void;
}

export function NumberField({ label, value, whole = false, onChange }: NumberFieldProps) {
  const given = value === null ? '' : String(value);
  const [typed, setTyped] = useState(given);
  useEffect(() => setTyped(given), [given]);
  const take = (text: string) => {
    setTyped(text);
    const trimmed = text.trim().replace('−', '-');
    if (trimmed === '') onChange(null);
    else if (whole ? /^\d{1,9}$/.test(trimmed) : /^-?\d*\.?\d+$/.test(trimmed)) onChange(Number(trimmed));
  };
  return (
    <label className="number-field">
      {label}{' '}
      <input
        type="text"
        inputMode={whole ? 'numeric' : 'decimal'}
        size={5}
        value={typed}
        onChange={(event) => take(event.target.value)}
        onBlur={() => setTyped(given)}
      />
    </label>
  );
}
