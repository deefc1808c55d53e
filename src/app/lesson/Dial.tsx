// The dial, drawn as a clock; both attempts walk their hops on it and the last landing glows right or wrong.
import { POSITIONS } from '../../lib/dialProblem';
import type { AttemptView } from '../../protocol/events';
import { useWords } from '../studioContext';
import { drawHops, NUMERALS, pointAt, SIZE } from './dialGeometry';

const CHECK = 'M-4.5 0.5L-1.5 3.8L4.8 -3.6';
const CROSS = 'M-3.8 -3.8L3.8 3.8M3.8 -3.8L-3.8 3.8';

function Walk({ attempt, index, hopsExpected }: { attempt: AttemptView; index: number; hopsExpected: number }) {
  if (attempt.start === null) return null;
  const drawn = drawHops(index, attempt.start, attempt.hops, Math.max(hopsExpected, attempt.hops.length));
  const correct = attempt.verdict?.correct;
  return (
    <g className={`walk walk-${index + 1}`}>
      {drawn.map((hop) => (
        <g key={hop.index} className="hop">
          <line x1={hop.approach.from.x} y1={hop.approach.from.y} x2={hop.approach.to.x} y2={hop.approach.to.y} />
          {hop.path && <path d={hop.path} />}
          {hop.slip && <path className="slip" d={hop.slip} />}
        </g>
      ))}
      {drawn.map((hop) => {
        const isLast = hop.index === drawn.length - 1 && attempt.verdict !== null;
        return isLast ? (
          <g
            key={hop.index}
            className={correct ? 'landing right' : 'landing wrong'}
            transform={`translate(${hop.end.x} ${hop.end.y})`}
          >
            <circle className="glow" r="17" />
            <circle className="badge" r="10" />
            <path d={correct ? CHECK : CROSS} />
          </g>
        ) : (
          <g key={hop.index} className="stop" transform={`translate(${hop.end.x} ${hop.end.y})`}>
            <circle r="7.5" />
            <text dy="3.4">{hop.index + 1}</text>
          </g>
        );
      })}
    </g>
  );
}

interface DialProps {
  numbers: readonly number[] | null;
  attempts: readonly AttemptView[];
}

export function Dial({ numbers, attempts }: DialProps) {
  const { t } = useWords();
  const start = numbers && Number.isInteger(numbers[0]) ? numbers[0] : null;
  const landings = attempts.map((attempt) => (attempt.verdict ? attempt.hops.at(-1)?.landing : undefined));
  const spoken = attempts
    .filter((attempt) => attempt.verdict !== null && attempt.hops.length > 0)
    .map((attempt, i) => t(i === 0 ? 'dial.spokenFirst' : 'dial.spokenSecond', { n: attempt.hops.at(-1)!.landing }));
  const name = [t('dial.name'), start === null ? '' : t('dial.spokenStart', { n: start }), ...spoken].join(' ').trim();
  return (
    <svg className="dial" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={name}>
      <circle className="rim" cx={SIZE / 2} cy={SIZE / 2} r={NUMERALS} />
      {Array.from({ length: POSITIONS }, (_, position) => position).map((position) => {
        const { x, y } = pointAt(position, NUMERALS);
        const isLanding = landings.includes(position);
        const kind = [
          'numeral',
          position === 0 ? 'goal' : '',
          position === start ? 'start' : '',
          isLanding ? (position === 0 ? 'hit' : 'missed') : '',
        ];
        return (
          <g key={position} className={kind.filter(Boolean).join(' ')} transform={`translate(${x} ${y})`}>
            <circle r="17" />
            <text dy="6.5">{position}</text>
          </g>
        );
      })}
      {attempts.map((attempt, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place, first or second
        <Walk key={i} attempt={attempt} index={i} hopsExpected={(numbers?.length ?? 6) - 1} />
      ))}
    </svg>
  );
}
