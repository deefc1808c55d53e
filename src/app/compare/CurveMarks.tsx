// What the comparison draws on its plane: a line per run, told apart by colour and dashes, its letter where it ends, and the
// model before practice as a thin line.
import { createContext, useContext, useMemo } from 'react';
import type { PlotLine } from '../../store/plotSeries';
import { type EndLabel, labelHeight, spread } from '../charts/chartLayout';
import { dotsPath, linePath } from '../charts/chartPaths';
import type { Places } from '../charts/Plane';
import { lookOf } from './useRunNames';

/** More dots than this become a smear; then only the line is drawn. */
const MOST_DOTS = 40;

export interface DrawnCurve {
  id: string;
  /** Place among the chosen runs: its letter and its look. */
  place: number;
  line: PlotLine;
  /** At the end of the line. */
  label: string;
}

export interface CurveData {
  curves: readonly DrawnCurve[];
  /** Where all runs began, when they began alike. */
  base: { value: number; label: string } | null;
}

export const CurveContext = createContext<CurveData | null>(null);

export function CurveMarks({ places }: { places: Places }) {
  const data = useContext(CurveContext);
  const drawn = useMemo(
    () =>
      data?.curves.map(({ id, place, line, label }) => {
        const xs = Array.from(line.x, places.x);
        const ys = Array.from(line.y, places.y);
        const dots = xs.length <= MOST_DOTS ? dotsPath(xs, ys, 2.5) : '';
        return { id, label, look: lookOf(place), path: linePath(xs, ys), dots, end: ys.at(-1) ?? 0 };
      }) ?? [],
    [data, places],
  );
  if (!data) return null;
  const labels: EndLabel[] = drawn.map(({ label, end, look }) => ({
    text: label,
    y: end,
    color: look.stroke,
    bold: true,
  }));
  if (data.base) labels.push({ text: data.base.label, y: places.y(data.base.value), color: 'var(--base-ink)' });
  const half = labelHeight() / 2;
  return (
    <g className="overlay">
      {data.base && (
        <g className="base-lines">
          <line x1={places.left} x2={places.right} y1={places.y(data.base.value)} y2={places.y(data.base.value)} />
        </g>
      )}
      {drawn.map(({ id, look, path, dots }) => (
        <g key={id}>
          <path d={path} fill="none" strokeWidth="2.25" {...look} />
          <path d={dots} fill={look.stroke} />
        </g>
      ))}
      <g className="end-labels">
        {spread(labels, places.top + half, places.bottom - half).map(({ text, y, color, bold }) => (
          <text key={text} x={places.right + 6} y={y + 4} fill={color} fontWeight={bold ? 650 : 400}>
            {text}
          </text>
        ))}
      </g>
    </g>
  );
}
