// Where things are on the dial. Positions 0…11 clockwise from the top; each hop of an attempt has its own lane, so that
// hops over the same numbers do not hide each other: attempt 1 walks outwards round the numerals, attempt 2 inwards.
import { POSITIONS } from '../../lib/dialProblem';
import type { Hop } from '../../protocol/events';

export const SIZE = 480;
const CENTER = SIZE / 2;
/** Radius of the ring of numerals. */
export const NUMERALS = 124;
const FIRST_LANE = 31;
const LANE_STEP = 15;
const DEPTH = 78;

export interface Point {
  x: number;
  y: number;
}

export function pointAt(position: number, radius: number): Point {
  const angle = (position / POSITIONS) * 2 * Math.PI;
  return { x: CENTER + radius * Math.sin(angle), y: CENTER - radius * Math.cos(angle) };
}

/** Radius of the lane of hop i of an attempt with `hops` hops. */
export function laneRadius(attempt: number, i: number, hops: number): number {
  const step = Math.min(LANE_STEP, DEPTH / Math.max(1, hops));
  return attempt === 0 ? NUMERALS + FIRST_LANE + i * step : NUMERALS - FIRST_LANE - i * step;
}

function round(value: number): string {
  return value.toFixed(2);
}

/** An arc on a lane from one position, `by` positions clockwise (negative: back). |by| < 12. */
export function arcPath(from: number, by: number, radius: number): string {
  const start = pointAt(from, radius);
  const end = pointAt(from + by, radius);
  const large = Math.abs(by) > POSITIONS / 2 ? 1 : 0;
  const clockwise = by > 0 ? 1 : 0;
  return `M${round(start.x)} ${round(start.y)}A${round(radius)} ${round(radius)} 0 ${large} ${clockwise} ${round(end.x)} ${round(end.y)}`;
}

/** The short way round from one position to another, −5…6. */
export function shortWay(from: number, to: number): number {
  const forward = (((to - from) % POSITIONS) + POSITIONS) % POSITIONS;
  return forward > POSITIONS / 2 ? forward - POSITIONS : forward;
}

export interface DrawnHop {
  index: number;
  /** The hop as its sign and number say; empty when it does not move. */
  path: string;
  /** From the true landing to the written one, when they differ. */
  slip: string;
  /** Radial step from the lane before (or from the numeral). */
  approach: { from: Point; to: Point };
  end: Point;
  ok: boolean;
}

export function drawHops(attempt: number, start: number, hops: readonly Hop[], total: number): DrawnHop[] {
  let position = start;
  return hops.map((hop, index) => {
    const radius = laneRadius(attempt, index, total);
    const before = index === 0 ? NUMERALS + (attempt === 0 ? 19 : -19) : laneRadius(attempt, index - 1, total);
    const by = hop.sign === '*' ? shortWay(position, hop.expected) : hop.sign === '+' ? hop.number : -hop.number;
    const drawn: DrawnHop = {
      index,
      path: by === 0 ? '' : arcPath(position, by, radius),
      slip: hop.ok ? '' : arcPath(hop.expected, shortWay(hop.expected, hop.landing), radius),
      approach: { from: pointAt(position, before), to: pointAt(position, radius) },
      end: pointAt(hop.landing, radius),
      ok: hop.ok,
    };
    position = hop.landing;
    return drawn;
  });
}
