// The marks of a chart as a few path strings: one element per line, band, bar colour or kind of dot, however many points.
// Coordinates are CSS pixels, rounded to a tenth; a value that is not a number leaves a gap.

const r = (value: number) => Math.round(value * 10) / 10;

/** A polyline. `bridge` draws on over gaps (rows between two evaluations have none), else a gap stays a gap. */
export function linePath(xs: ArrayLike<number>, ys: ArrayLike<number>, bridge = false): string {
  let path = '';
  let isDown = false;
  for (let i = 0; i < xs.length; i++) {
    if (Number.isFinite(ys[i]) && Number.isFinite(xs[i])) {
      path += `${isDown ? 'L' : 'M'}${r(xs[i])} ${r(ys[i])}`;
      isDown = true;
    } else if (!bridge) isDown = false;
  }
  return path;
}

/** The area between two polylines that have a value at the same places. */
export function bandPath(xs: ArrayLike<number>, lows: ArrayLike<number>, highs: ArrayLike<number>): string {
  let forth = '';
  let back = '';
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(lows[i]) || !Number.isFinite(highs[i])) continue;
    forth += `${forth === '' ? 'M' : 'L'}${r(xs[i])} ${r(highs[i])}`;
    back = `L${r(xs[i])} ${r(lows[i])}${back}`;
  }
  return forth === '' ? '' : `${forth}${back}Z`;
}

/** Circles of one radius. */
export function dotsPath(xs: ArrayLike<number>, ys: ArrayLike<number>, radius: number): string {
  let path = '';
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(ys[i])) continue;
    path += `M${r(xs[i] - radius)} ${r(ys[i])}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
  }
  return path;
}

/** Bars of one width from `zero` to each value. */
export function barsPath(xs: ArrayLike<number>, zero: number, ys: ArrayLike<number>, width: number): string {
  let path = '';
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(ys[i])) continue;
    path += `M${r(xs[i] - width / 2)} ${r(zero)}h${r(width)}V${r(ys[i])}h${r(-width)}Z`;
  }
  return path;
}
