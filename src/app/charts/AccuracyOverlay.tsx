// What recharts does not draw: stage band, base lines, dots, cursor, and labels at the line ends instead of a legend.
import { usePlotArea, useXAxisScale, useYAxisScale, ZIndexLayer } from 'recharts';
import type { ChartPoint } from '../../store/chartPoints';
import { stageName, stageSentence } from '../lesson/stageWords';
import { useWords } from '../studioContext';
import { type ChartFrame, type EndLabel, LABEL_HEIGHT, OVER_LINES, STAGE_BAND, spread } from './chartLayout';

/** More dots than this become a smear; then only the line is drawn. */
const MOST_DOTS = 90;
/** Room that the label of a line takes, px. */
const LINE_LABEL = 120;

interface OverlayProps extends ChartFrame {
  stages: readonly { from: number; to: number; stage: string }[];
  base: { t1: number; t2: number } | null;
}

export function AccuracyOverlay({ points, unit, width, cursor, stages, base }: OverlayProps) {
  const { t, format } = useWords();
  const plot = usePlotArea();
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  if (!plot || !xScale || !yScale) return null;
  const x = (value: number) => Number(xScale(value));
  const y = (value: number) => Number(yScale(value));
  const right = plot.x + plot.width;
  const bottom = plot.y + plot.height;
  const measured = points.filter((point): point is ChartPoint & { t1: number; t2: number } => point.t1 !== null);
  const last = measured.at(-1);
  const isNarrow = width < 560;
  const at = points.find((point) => point.step === cursor);

  // The lines carry their own names where they end; the base lines carry theirs at the edge. Near the edge they share it.
  const ofLines: EndLabel[] = [];
  const ofBase: EndLabel[] = [];
  const short = (value: number) => format.percent(value, isNarrow ? 0 : 1);
  if (last) {
    ofLines.push({
      text: t('chart.end.first', { value: short(last.t1) }),
      y: y(last.t1),
      color: 'var(--attempt-1-ink)',
    });
    ofLines.push({
      text: t('chart.end.second', { value: short(last.t2) }),
      y: y(last.t2),
      color: 'var(--attempt-2)',
      bold: true,
    });
  }
  if (base && measured.length > 1) {
    ofBase.push({ text: t('chart.end.base1', { value: short(base.t1) }), y: y(base.t1), color: 'var(--base-ink)' });
    ofBase.push({ text: t('chart.end.base2', { value: short(base.t2) }), y: y(base.t2), color: 'var(--base-ink)' });
  }
  const top = plot.y + LABEL_HEIGHT / 2;
  const low = bottom - LABEL_HEIGHT / 2;
  const endOfLines = last ? x(last[unit]) + 10 : right;
  const areTogether = endOfLines + LINE_LABEL > right;
  const groups = areTogether
    ? [{ x: right + 8, labels: spread([...ofLines, ...ofBase], top, low) }]
    : [
        { x: endOfLines, labels: spread(ofLines, top, low) },
        { x: right + 8, labels: spread(ofBase, top, low) },
      ];
  if (Number.isNaN(x(0))) return null;
  return (
    <ZIndexLayer zIndex={OVER_LINES}>
      <g className="overlay">
        {stages.map(({ from, to, stage }, i) => {
          const left = x(from);
          const wide = x(to) - left;
          return (
            <g key={stage} className={`stage stage-${i % 2}`}>
              <title>{`${stageName(t, stage)} ${stageSentence(t, stage)}`}</title>
              <rect x={left} y={bottom + 30} width={Math.max(0, wide)} height={STAGE_BAND} />
              <line x1={left} x2={left} y1={plot.y} y2={bottom + 30 + STAGE_BAND} />
              {wide > 66 && (
                <text x={left + 6} y={bottom + 30 + 14}>
                  {stageName(t, stage)}
                </text>
              )}
            </g>
          );
        })}
        {base && measured.length > 1 && (
          <g className="base-lines">
            <line x1={plot.x} x2={right} y1={y(base.t1)} y2={y(base.t1)} strokeDasharray="1 4" />
            <line x1={plot.x} x2={right} y1={y(base.t2)} y2={y(base.t2)} />
          </g>
        )}
        {at && <line className="cursor" x1={x(at[unit])} x2={x(at[unit])} y1={plot.y} y2={bottom} />}
        {measured.length <= MOST_DOTS &&
          measured.map((point) => (
            <g key={point.step} className={point.step === cursor ? 'dots-at cursor-at' : 'dots-at'}>
              <circle className="dot-1" cx={x(point[unit])} cy={y(point.t1)} r="3.5" />
              <circle className="dot-2" cx={x(point[unit])} cy={y(point.t2)} r="3.5" />
            </g>
          ))}
        {groups.map((group) => (
          <g key={group.x} className="end-labels">
            {group.labels.map((label) => (
              <text key={label.text} x={group.x} y={label.y + 4} fill={label.color} fontWeight={label.bold ? 700 : 400}>
                {label.text}
              </text>
            ))}
          </g>
        ))}
      </g>
    </ZIndexLayer>
  );
}
