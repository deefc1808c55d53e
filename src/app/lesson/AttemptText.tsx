// One attempt in the model's own words. Wrong arithmetic is underlined and followed by the right value.
import { readAnswer } from '../../lib/dialProblem';
import type { AttemptView, Hop } from '../../protocol/events';
import { useWords } from '../studioContext';

const signs: Record<Hop['sign'], string> = { '+': '+', '-': '−', '*': '×' };

function HopText({ hop }: { hop: Hop }) {
  const { t } = useWords();
  return (
    <span className="hop-text">
      {signs[hop.sign]}
      {hop.number}
      <span className="equals">=</span>
      {hop.ok ? (
        <b>{hop.landing}</b>
      ) : (
        <>
          <b className="slip-text" title={t('attempt.rightValue', { n: hop.expected })}>
            {hop.landing}
          </b>
          <span className="right-value">
            <span className="visually-hidden">{t('attempt.rightValue', { n: hop.expected })}</span>
            <span aria-hidden="true">({hop.expected})</span>
          </span>
        </>
      )}
    </span>
  );
}

/** `attempt` may be half shown; text that cannot be read as hops is shown as it is. */
export function AttemptText({ attempt }: { attempt: AttemptView }) {
  const rest = attempt.finished ? readAnswer(attempt.text).rest : '';
  return (
    <p className="model-text" lang="zxx">
      {attempt.start !== null && <b>{attempt.start}</b>}
      {attempt.hops.map((hop, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: hops are only ever appended
        <HopText key={i} hop={hop} />
      ))}
      {rest !== '' && <span className="unreadable">{rest}</span>}
      {!attempt.finished && <span className="caret" aria-hidden="true" />}
    </p>
  );
}
