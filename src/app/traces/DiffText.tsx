// What changed from the first attempt to the second, word by word: struck through what was taken out, underlined what came.
import { diffArrays } from 'diff';
import { useMemo } from 'react';
import { useTraceWords } from './columnWords';

const wordsOf = (text: string) => text.split(/(?<=\s)/);

/** Long texts are compared only up to this many changes: the comparison takes time with the square of them. */
const MOST_CHANGES = 2000;

export function DiffText({ before, after }: { before: string; after: string }) {
  const { say } = useTraceWords();
  const parts = useMemo(() => {
    const options = { maxEditLength: MOST_CHANGES };
    const trimmed = (text: string) => wordsOf(text.trim()).map((word) => word.trim());
    return (
      diffArrays(trimmed(before), trimmed(after), options) ?? [
        { value: trimmed(before), removed: true, added: false },
        { value: trimmed(after), removed: false, added: true },
      ]
    );
  }, [before, after]);
  const isSame = parts.every((part) => !part.added && !part.removed);
  return (
    <section className="trace-diff" aria-label={say('diff.title')}>
      <h4>{say('diff.title')}</h4>
      {isSame ? (
        <p className="note">{say('diff.same')}</p>
      ) : (
        <p className="model-text" lang="zxx">
          {parts.map((part, i) => {
            const text = part.value.join(' ');
            const key = `${i} ${text}`;
            if (part.removed)
              return (
                <del key={key}>
                  <span className="visually-hidden">{say('diff.gone')}: </span>
                  {text}
                </del>
              );
            if (part.added)
              return (
                <ins key={key}>
                  <span className="visually-hidden">{say('diff.came')}: </span>
                  {text}
                </ins>
              );
            return <span key={key}>{text}</span>;
          })}
        </p>
      )}
    </section>
  );
}
