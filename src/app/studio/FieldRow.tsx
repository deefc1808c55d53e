// One setting of a recipe, drawn from its field: a new recipe needs nothing here.
import type { Field, Settings } from '../../protocol/fields';
import { NumberInput } from './NumberInput';
import { Row } from './Row';
import { type StudioWords, useStudioWords } from './useStudioWords';

/** A value of a field in words. */
export function valueInWords(field: Field | null, value: Settings[string], { s, language }: StudioWords): string {
  if (typeof value === 'boolean') return s(value ? 'field.on' : 'field.off');
  if (field?.kind === 'choice') {
    return field.options.find((option) => option.value === value)?.label[language] ?? String(value);
  }
  return value === '' ? s('field.empty') : String(value);
}

interface FieldRowProps {
  field: Field;
  value: Settings[string];
  isFaulty: boolean;
  onChange(value: Settings[string]): void;
}

export function FieldRow({ field, value, isFaulty, onChange }: FieldRowProps) {
  const words = useStudioWords();
  const { s, either } = words;
  const otherwise = valueInWords(field, field.default, words);
  const range = field.kind === 'number' || field.kind === 'integer' ? { min: field.min, max: field.max } : null;
  const facts = [s('field.default', { value: otherwise }), range && `${s('field.range', range)}.`].filter(Boolean);
  return (
    <Row
      place={field.name}
      label={either(field.label)}
      help={either(field.help)}
      facts={facts.join(' ')}
      isChanged={value !== field.default}
      otherwise={otherwise}
      onReset={() => onChange(field.default)}
      fault={isFaulty && range ? s(field.kind === 'integer' ? 'field.whole' : 'field.outOfRange', range) : null}
    >
      {(ids) => {
        if (field.kind === 'choice') {
          return (
            <select {...ids} value={String(value)} onChange={({ target }) => onChange(target.value)}>
              {field.options.map((option) => (
                <option key={option.value} value={option.value}>
                  {either(option.label)}
                </option>
              ))}
            </select>
          );
        }
        if (field.kind === 'switch') {
          return (
            <input
              {...ids}
              type="checkbox"
              checked={value === true}
              onChange={({ target }) => onChange(target.checked)}
            />
          );
        }
        if (field.kind === 'text') {
          return <textarea {...ids} rows={1} value={String(value)} onChange={({ target }) => onChange(target.value)} />;
        }
        const number = typeof value === 'number' ? value : Number.NaN;
        return <NumberInput {...ids} value={number} onChange={onChange} unit={field.unit} />;
      }}
    </Row>
  );
}
