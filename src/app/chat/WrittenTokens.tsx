// An answer token by token: darker where the model was less sure, with ids and log-probabilities in a table.
import { useState } from 'react';
import type { WrittenToken } from '../../protocol/models';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { useGrowth } from '../ui/useTurn';
import { words } from './words';

/** Rows of the table; a longer answer is read as text. */
const MOST_ROWS = 200;
/** Rows drawn in one task. */
const AT_A_TIME = 40;
/** Share of the ink at a probability of 0. */
const DARKEST = 55;

function Table({ tokens }: { tokens: readonly WrittenToken[] }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const shown = Math.min(tokens.length, MOST_ROWS);
  const drawn = useGrowth(shown, AT_A_TIME);
  return (
    <>
      <p className="note">{w('tokens.note')}</p>
      {/* The same numbers stand in the table below; the strip is for the eye. */}
      <div className="chat-strip" lang="zxx" aria-hidden="true">
        {tokens.slice(0, shown).map(({ text, logProb }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the answer
          <span key={i} style={{ ['--doubt' as string]: `${Math.round((1 - Math.exp(logProb)) * DARKEST)}%` }}>
            {text}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll chat-tokens" tabIndex={0} aria-label={w('tokens.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{w('tokens.place')}</th>
              <th scope="col">{w('tokens.id')}</th>
              <th scope="col">{w('tokens.text')}</th>
              <th scope="col">{w('tokens.logProb')}</th>
              <th scope="col">{w('tokens.probability')}</th>
            </tr>
          </thead>
          <tbody>
            {tokens.slice(0, drawn).map(({ id, text, logProb }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the answer
              <tr key={i}>
                <th scope="row">{format.number(i + 1)}</th>
                <td>{id}</td>
                <td className="model-text" lang="zxx">
                  {text}
                </td>
                <td>{format.number(logProb, 3)}</td>
                <td>{format.percent(Math.exp(logProb))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {tokens.length > shown && (
        <p className="note">{w('tokens.more', { n: format.number(shown), all: format.number(tokens.length) })}</p>
      )}
    </>
  );
}

export function WrittenTokens({ tokens }: { tokens: readonly WrittenToken[] }) {
  const w = useScreenWords(words);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{w('tokens.title')}</summary>
      {isOpen && <Table tokens={tokens} />}
    </details>
  );
}
