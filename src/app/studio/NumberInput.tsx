// A number as it is typed: what cannot be read as one stays on screen and counts as not a number.
import { useState } from 'react';

interface NumberInputProps {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
  value: number;
  onChange(value: number): void;
  unit?: string;
}

function read(text: string): number {
  const plain = text.trim().replace(',', '.');
  return plain === '' ? Number.NaN : Number(plain);
}

export function NumberInput({ value, onChange, unit, ...ids }: NumberInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const isTyped = typed !== null && Object.is(read(typed), value);
  const text = isTyped ? typed : Number.isNaN(value) ? '' : String(value);
  return (
    <span className="number-input">
      <input
        {...ids}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={text}
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(read(target.value));
        }}
        onBlur={() => setTyped(null)}
      />
      {unit && <span className="unit">{unit}</span>}
    </span>
  );
}
