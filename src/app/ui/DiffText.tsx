// What differs between two texts, word by word: struck through what was taken out, underlined what came.
import { diffArrays } from 'diff';
import { useMemo } from 'react';
import './diffText.css';

const wordsOf = (text: string) => text.split(/(?<=\s)/);

/** Long texts are compared only up to this many changes: the comparison takes time with the square of them. */
const MOST_CHANGES = 2000;

interface DiffTextProps {
  before: string;
  after: string;
  title: string;
  /** said instead of the text when nothing differs */
  same: string;
  /** for screen readers, before words of the first text alone and of the second alone */
  gone: string;
  came: string;
}

export function DiffText({ before, after, title, same, gone, came }: DiffTextProps) {
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
    <section className="word-diff" aria-label={title}>
      <h4>{title}</h4>
      {isSame ? (
        <p className="note">{same}</p>
      ) : (
        <p className="model-text" lang="zxx">
          {parts.map((part, i) => {
            const text = part.value.join(' ');
            const key = `${i} ${text}`;
            if (part.removed)
              return (
                <del key={key}>
                  <span className="visually-hidden">{gone}: </span>
                  {text}
                </del>
              );
            if (part.added)
              return (
                <ins key={key}>
                  <span className="visually-hidden">{came}: </span>
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
