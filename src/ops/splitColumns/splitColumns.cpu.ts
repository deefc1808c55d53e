// The truth of taking columns apart: a copy, element by element.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';
import { partName, type SplitAttrs } from './splitColumns';

/** Visits every element: its place in x, its part and its place there. */
function forEachElement(
  rows: number,
  { widths, groups }: SplitAttrs,
  visit: (inX: number, part: number, inPart: number) => void,
): void {
  let inX = 0;
  for (let n = 0; n < rows; n++) {
    for (let g = 0; g < groups; g++) {
      widths.forEach((width, part) => {
        for (let d = 0; d < width; d++) visit(inX++, part, (n * groups + g) * width + d);
      });
    }
  }
}

export function referenceSplitColumns(x: FloatTensor, attrs: SplitAttrs): FloatTensor[] {
  const [rows] = x.shape;
  const parts = attrs.widths.map((width) => floats([rows, attrs.groups * width]));
  forEachElement(rows, attrs, (inX, part, inPart) => {
    parts[part].data[inPart] = x.data[inX];
  });
  return parts;
}

registerCpuKernel<SplitAttrs>('SplitColumns', ({ f }, attrs) => referenceSplitColumns(f('x'), attrs));
registerCpuKernel<SplitAttrs>('JoinColumns', ({ f }, attrs) => {
  const parts = attrs.widths.map((_, i) => f(partName(i)));
  const [rows] = parts[0].shape;
  const x = floats([rows, parts.reduce((sum, { shape }) => sum + shape[1], 0)]);
  forEachElement(rows, attrs, (inX, part, inPart) => {
    x.data[inX] = parts[part].data[inPart];
  });
  return x;
});
