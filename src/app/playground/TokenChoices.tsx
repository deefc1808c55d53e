// The tokens of an answer, darker where the model was less sure, and the likeliest tokens at the one that is pointed at.
// One tab stop: arrow keys walk along the tokens.
import { type KeyboardEvent, useRef, useState } from 'react';
import type { TokenChoice } from '../../protocol/events';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';

interface TokenChoicesProps {
  place: 0 | 1;
  choices: readonly TokenChoice[];
  /** 0 = greedy, told at 1 */
  temperature: number;
  /** For each token: the other model's answer does not have it. Null: nothing is marked. */
  differs: readonly boolean[] | null;
}

/** The token that was least certain: where looking is most worth it. */
function leastLikely(choices: readonly TokenChoice[]): number {
  return choices.reduce((least, choice, i) => (choice.logProb < choices[least].logProb ? i : least), 0);
}

function Alternatives({ choice, temperature }: { choice: TokenChoice; temperature: number }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const listed = choice.alternatives.map(({ text, logProb }, i) => ({ text, logProb, rank: i + 1 }));
  if (choice.rank > listed.length) listed.push({ text: choice.text, logProb: choice.logProb, rank: choice.rank });
  return (
    <table className="alternatives">
      <caption>
        {w('tokens.at', { token: choice.text })}{' '}
        <span className="note">{w('tokens.temperature', { t: format.number(temperature || 1, 1) })}</span>
      </caption>
      <colgroup>
        <col className="token-column" />
        <col />
      </colgroup>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">{w('tokens.token')}</th>
          <th scope="col">{w('tokens.probability')}</th>
        </tr>
      </thead>
      <tbody>
        {listed.map(({ text, logProb, rank }) => {
          const isWritten = rank === choice.rank;
          const share = Math.exp(logProb);
          return (
            <tr key={rank} className={isWritten ? 'written' : undefined}>
              <th scope="row" className="model-text">
                {text}
              </th>
              <td>
                <span className="share-bar" aria-hidden="true">
                  <i style={{ width: `${share * 100}%` }} />
                </span>
                <span className="number">{format.percent(share)}</span>
                <span className="note">
                  {isWritten && w('tokens.written')}
                  {rank > choice.alternatives.length && `, ${w('tokens.rank', { rank: format.number(rank) })}`}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function TokenChoices({ place, choices, temperature, differs }: TokenChoicesProps) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const row = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const active = chosen !== null && chosen < choices.length ? chosen : leastLikely(choices);
  const walk = (event: KeyboardEvent) => {
    const last = choices.length - 1;
    const targets: Record<string, number> = { ArrowLeft: active - 1, ArrowRight: active + 1, Home: 0, End: last };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(0, target));
    setChosen(next);
    row.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div className="token-choices">
      <div
        ref={row}
        role="toolbar"
        aria-label={w('tokens.title', { attempt: w(place === 0 ? 'tokens.first' : 'tokens.second') })}
        className="token-row"
        onKeyDown={walk}
      >
        {choices.map((choice, i) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the answer
            key={i}
            type="button"
            tabIndex={i === active ? 0 : -1}
            aria-pressed={i === active}
            className={differs?.[i] ? 'differs' : undefined}
            aria-label={w(differs?.[i] ? 'tokens.nameDiffers' : 'tokens.name', {
              token: choice.text,
              probability: format.percent(Math.exp(choice.logProb)),
              rank: format.number(choice.rank),
            })}
            style={{ ['--doubt' as string]: `${Math.round((1 - Math.exp(choice.logProb)) * 55)}%` }}
            onPointerEnter={() => setChosen(i)}
            onFocus={() => setChosen(i)}
            onClick={() => setChosen(i)}
          >
            {choice.text}
          </button>
        ))}
      </div>
      <Alternatives choice={choices[active]} temperature={temperature} />
    </div>
  );
}
