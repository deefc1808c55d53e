// Every point of a chart as a link to its samples: a full-height column to click, and one tab stop whose arrow keys
// walk along the points (Home and End to the ends, Enter opens).
import { type KeyboardEvent, useRef, useState } from 'react';
import { usePlotArea, useXAxisScale, ZIndexLayer } from 'recharts';
import type { ChartPoint } from '../../store/chartPoints';
import type { XAxisUnit } from '../../store/preferences';
import { OVER_ALL } from './chartLayout';

interface PointColumnsProps {
  points: readonly ChartPoint[];
  unit: XAxisUnit;
  nameOf(point: ChartPoint): string;
  onCursor(step: number | null): void;
  onOpen(step: number): void;
}

export function PointColumns({ points, unit, nameOf, onCursor, onOpen }: PointColumnsProps) {
  const plot = usePlotArea();
  const scale = useXAxisScale();
  // null: the tab stop is the newest point.
  const [active, setActive] = useState<number | null>(null);
  const columns = useRef(new Map<number, SVGRectElement>());
  if (!plot || !scale || points.length === 0) return null;
  const stop = active !== null && active < points.length ? active : points.length - 1;
  const xs = points.map((point) => Number(scale(point[unit])));

  // The axis learns of new points a moment later than this.
  if (xs.some(Number.isNaN)) return null;

  const move = (event: KeyboardEvent) => {
    const targets: Record<string, number> = {
      ArrowLeft: Math.max(0, stop - 1),
      ArrowRight: Math.min(points.length - 1, stop + 1),
      Home: 0,
      End: points.length - 1,
    };
    if (event.key in targets) {
      event.preventDefault();
      setActive(targets[event.key]);
      columns.current.get(targets[event.key])?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen(points[stop].step);
    }
  };

  return (
    <ZIndexLayer zIndex={OVER_ALL}>
      <g className="point-columns">
        {points.map((point, i) => {
          const left = i === 0 ? xs[i] - 10 : (xs[i - 1] + xs[i]) / 2;
          const right = i === points.length - 1 ? xs[i] + 10 : (xs[i] + xs[i + 1]) / 2;
          return (
            // biome-ignore lint/a11y/useSemanticElements: there is no button element inside SVG
            <rect
              key={point.step}
              ref={(element) => {
                if (element) columns.current.set(i, element);
                else columns.current.delete(i);
              }}
              role="button"
              tabIndex={i === stop ? 0 : -1}
              aria-label={nameOf(point)}
              data-step={point.step}
              x={left}
              y={plot.y}
              width={Math.max(1, right - left)}
              height={plot.height}
              onMouseEnter={() => onCursor(point.step)}
              onMouseLeave={() => onCursor(null)}
              onFocus={() => {
                setActive(i);
                onCursor(point.step);
              }}
              onKeyDown={move}
              onClick={() => onOpen(point.step)}
            />
          );
        })}
      </g>
    </ZIndexLayer>
  );
}
