// What the task tells of each attempt beside its score, attempts side by side; a text that holds for both is written once.
import type { Trace } from '../../protocol/trace';
import { useWords } from '../studioContext';
import { extraName } from './sampleWords';

export function ExtraColumns({ trace }: { trace: Trace }) {
  const { t, format } = useWords();
  const columns = trace.attempts.map(({ extra }) => extra ?? {});
  const names = [...new Set(columns.flatMap((extra) => Object.keys(extra)))];
  if (names.length === 0) return null;
  const written = (value: number | string | null | undefined) =>
    typeof value === 'number' ? format.number(value) : (value ?? '–');
  return (
    <table className="extra-columns">
      <caption>{t('extra.title')}</caption>
      <thead>
        <tr>
          <td />
          {columns.map((_, attempt) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place, first or second
            <th key={attempt} scope="col">
              {t(attempt === 0 ? 'attempt.first' : 'attempt.second')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const values = columns.map((extra) => extra[name]);
          const isShared = typeof values[0] === 'string' && values.every((value) => value === values[0]);
          return (
            <tr key={name}>
              <th scope="row">{extraName(t, name)}</th>
              {(isShared ? values.slice(0, 1) : values).map((value, attempt) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place, first or second
                  key={attempt}
                  colSpan={isShared ? values.length : 1}
                  className={typeof value === 'string' ? 'model-text' : 'figure'}
                >
                  {written(value)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
