// Every point of a chart as a link to its samples: the pointer takes the nearest point; for keyboards and screen readers
// there is one tab stop whose arrow keys walk along the points (Home and End to the ends, Enter opens). Elements exist for
// the points that were measured and round the tab stop only: a long run has hundreds of points.
import { type KeyboardEvent, type MouseEvent, memo, useRef, useState } from 'react';
import { nearestPlace } from './chartLayout';
import type { Places } from './Plane';

/** More landmarks than this are not worth an element each; arrows, Home and End reach the others. */
const MOST_LANDMARKS = 60;

interface PointColumnsProps {
  steps: readonly number[];
  /** Where each is on the x axis, px. */
  xs: readonly number[];
  /** Which of them always have an element. */
  landmarks: readonly number[];
  places: Places;
  nameOf(index: number): string;
  onCursor(step: number | null): void;
  onOpen(step: number): void;
}

interface ColumnProps {
  step: number;
  name: string;
  isStop: boolean;
  x: number;
  y: number;
  width: number;
  height: number;
}

const Column = memo(function Column({ step, name, isStop, ...box }: ColumnProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button element inside SVG
    <rect role="button" tabIndex={isStop ? 0 : -1} aria-label={name} data-step={step} {...box} />
  );
});

function shownIndices(count: number, stop: number, landmarks: readonly number[]): number[] {
  const shown = new Set(landmarks.length <= MOST_LANDMARKS ? landmarks : []);
  for (const i of [0, stop - 1, stop, stop + 1, count - 1]) if (i >= 0 && i < count) shown.add(i);
  return [...shown].sort((a, b) => a - b);
}

function stepOf(target: EventTarget): number | null {
  const step = target instanceof Element ? target.getAttribute('data-step') : null;
  return step === null ? null : Number(step);
}

export function PointColumns({ steps, xs, landmarks, places, nameOf, onCursor, onOpen }: PointColumnsProps) {
  // null: the tab stop is the newest point.
  const [active, setActive] = useState<number | null>(null);
  const group = useRef<SVGGElement>(null);
  if (steps.length === 0) return null;
  const { top, bottom, left, right } = places;
  const lastIndex = steps.length - 1;
  const stop = active !== null && active <= lastIndex ? active : lastIndex;

  const under = (event: MouseEvent<SVGGElement>): number => {
    const own = stepOf(event.target);
    if (own !== null) return own;
    const edge = event.currentTarget.ownerSVGElement?.getBoundingClientRect().left ?? 0;
    return steps[nearestPlace(xs, event.clientX - edge)];
  };
  const move = (event: KeyboardEvent) => {
    const targets: Record<string, number> = {
      ArrowLeft: Math.max(0, stop - 1),
      ArrowRight: Math.min(lastIndex, stop + 1),
      Home: 0,
      End: lastIndex,
    };
    if (event.key in targets) {
      event.preventDefault();
      const next = targets[event.key];
      setActive(next);
      group.current?.querySelector<SVGRectElement>(`[data-step="${steps[next]}"]`)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen(steps[stop]);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for the buttons inside; the pointer alone may be anywhere
    <g
      ref={group}
      data-hit="true"
      onMouseMove={(event) => {
        // recharts would look for a tooltip that is not there.
        event.stopPropagation();
        onCursor(under(event));
      }}
      onMouseLeave={() => onCursor(null)}
      onClick={(event) => onOpen(under(event))}
      onKeyDown={move}
      onFocus={(event) => {
        const step = stepOf(event.target);
        if (step === null) return;
        setActive(steps.indexOf(step));
        onCursor(step);
      }}
    >
      <rect className="hit" x={left} y={top} width={Math.max(1, right - left)} height={bottom - top} />
      <g className="point-columns">
        {shownIndices(steps.length, stop, landmarks).map((i) => {
          const from = i === 0 ? xs[i] - 10 : (xs[i - 1] + xs[i]) / 2;
          const to = i === lastIndex ? xs[i] + 10 : (xs[i] + xs[i + 1]) / 2;
          return (
            <Column
              key={steps[i]}
              step={steps[i]}
              name={nameOf(i)}
              isStop={i === stop}
              x={from}
              y={top}
              width={Math.max(1, to - from)}
              height={bottom - top}
            />
          );
        })}
      </g>
    </g>
  );
}
