// "Copy as SVG" and "copy as CSV". The SVG stands alone: colours of the theme are written out, styles are inlined.
import type { ChartPoint } from '../../store/chartPoints';

const STYLES = [
  'font-family',
  'font-size',
  'font-weight',
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'opacity',
  // Labels have a halo in the colour of the paper: it must stay behind the letters.
  'paint-order',
  'stroke-linejoin',
];

/** A copy of a chart whose look does not depend on the page's style sheets. */
function standalone(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  [copy, ...copy.querySelectorAll<SVGElement>('*')].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    element.removeAttribute('class');
    element.removeAttribute('style');
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      if (value) element.setAttribute(name, value);
    }
  });
  // What is there for pointer and keyboard only.
  for (const element of copy.querySelectorAll('[data-hit]')) element.remove();
  return copy;
}

/** Several charts below one another in one drawing on the page's paper. */
export function chartsAsSvg(charts: readonly SVGSVGElement[]): string {
  const paper = getComputedStyle(document.body).backgroundColor || '#fff';
  let height = 0;
  let width = 0;
  const parts = charts.map((chart) => {
    const copy = standalone(chart);
    copy.setAttribute('y', String(height));
    height += Number(chart.getAttribute('height'));
    width = Math.max(width, Number(chart.getAttribute('width')));
    return new XMLSerializer().serializeToString(copy);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="${paper}"/>${parts.join('')}</svg>`;
}

const columns = [
  'step',
  'tokens',
  'minutes',
  'n',
  'temperature',
  'accuracy_t1',
  'accuracy_t1_low',
  'accuracy_t1_high',
  'accuracy_t2',
  'accuracy_t2_low',
  'accuracy_t2_high',
  'delta',
  'delta_low',
  'delta_high',
  'i_to_c',
  'c_to_i',
] as const;

/** The evaluations on screen, fractions 0–1, one row each; names as in the metrics of a run. */
export function pointsAsCsv(points: readonly ChartPoint[], decoding: 'greedy' | 'sampled'): string {
  const rows = points.flatMap(({ step, tokens, minutes, evaluation }) => {
    if (!evaluation) return [];
    const s = evaluation[decoding];
    const values: (number | string)[] = [
      step,
      tokens,
      minutes.toFixed(3),
      s.n,
      s.temperature,
      s.accuracyT1,
      s.accuracyT1Interval.low,
      s.accuracyT1Interval.high,
      s.accuracyT2,
      s.accuracyT2Interval.low,
      s.accuracyT2Interval.high,
      s.delta,
      s.deltaInterval.low,
      s.deltaInterval.high,
      s.iToC,
      s.cToI,
    ];
    return [values.join(',')];
  });
  return [columns.join(','), ...rows].join('\n');
}
