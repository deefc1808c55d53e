// The second attempts of a run over its steps as one small line; the thin line is where the base stood.
import { memo } from 'react';
import type { Evaluation } from '../../../protocol/events';
import { useStudioWords } from '../useStudioWords';

const WIDTH = 120;
const HEIGHT = 28;
const EDGE = 3;

/** More points than pixels draw nothing new. */
function thinned(evaluations: readonly Evaluation[]): readonly Evaluation[] {
  const every = Math.ceil(evaluations.length / WIDTH);
  return evaluations.filter((_, i) => i % every === 0 || i === evaluations.length - 1);
}

export const Sparkline = memo(function Sparkline(props: { evaluations: readonly Evaluation[]; totalSteps: number }) {
  const { s, format } = useStudioWords();
  const evaluations = thinned(props.evaluations);
  const first = evaluations[0];
  const last = evaluations.at(-1);
  if (!first || !last) return <span className="note">{s('runs.sparklineNone')}</span>;
  const x = (step: number) => EDGE + (step / Math.max(1, props.totalSteps)) * (WIDTH - 2 * EDGE);
  const y = (share: number) => HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE);
  const points = evaluations.map(({ step, greedy }) => `${x(step).toFixed(1)},${y(greedy.accuracyT2).toFixed(1)}`);
  const name = s('runs.sparkline', {
    first: format.percent(first.greedy.accuracyT2, 0),
    last: format.percent(last.greedy.accuracyT2, 0),
    n: props.evaluations.length,
  });
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={name}
    >
      <line x1={EDGE} x2={WIDTH - EDGE} y1={y(first.greedy.accuracyT2)} y2={y(first.greedy.accuracyT2)} />
      <polyline points={points.join(' ')} />
      <circle cx={x(last.step)} cy={y(last.greedy.accuracyT2)} r={2.5} />
    </svg>
  );
});
