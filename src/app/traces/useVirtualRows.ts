// Only the rows in sight exist: from the scroll position of a box to the numbers of the rows drawn and where they stand.
// A browser cannot make an element of any height, so beyond `TALLEST` the scroll position is stretched over the rows.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react';
import { useTurn } from '../ui/useTurn';

const TALLEST = 8_000_000;
const OVERSCAN = 6;
/** Never more row elements than this, however tall the window. */
const MOST_ROWS = 56;

export interface VirtualRows {
  /** Height of the whole list, px. */
  height: number;
  rowHeight: number;
  first: number;
  /** Exclusive. */
  end: number;
  /** Rows that fit. */
  page: number;
  topOf(row: number): number;
  /** Scrolls as little as brings the row into sight. */
  reveal(row: number): void;
}

interface Box {
  top: number;
  /** Height of what scrolls, without the sticky head. */
  view: number;
  rowHeight: number;
}

/** @param head height of what sticks to the top of the box, px */
export function useVirtualRows(box: RefObject<HTMLElement | null>, head: number, count: number): VirtualRows {
  const [{ top, view, rowHeight }, setBox] = useState<Box>({ top: 0, view: 600, rowHeight: 48 });
  const measure = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const styled = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-height'));
    const next: Box = {
      top: element.scrollTop,
      view: Math.max(0, element.clientHeight - head),
      rowHeight: styled > 0 ? styled : 48,
    };
    setBox((old) => (old.top === next.top && old.view === next.view && old.rowHeight === next.rowHeight ? old : next));
  }, [box, head]);
  useLayoutEffect(measure, [measure]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [box, measure]);

  // The rows just outside of sight come in a turn of their own.
  const overscan = useTurn(count > 0) ? OVERSCAN : 0;
  const whole = count * rowHeight;
  const height = Math.min(whole, TALLEST);
  // px of the list for each px of scrolling; 1 unless the list is stretched
  const scale = whole > TALLEST ? (whole - view) / (TALLEST - view) : 1;
  const offset = top * scale;
  const page = Math.max(1, Math.floor(view / rowHeight));
  const first = Math.max(0, Math.min(count - 1, Math.floor(offset / rowHeight) - overscan));
  const end = Math.min(count, first + Math.min(MOST_ROWS, page + 2 * overscan + 2));
  return {
    height,
    rowHeight,
    first,
    end,
    page,
    topOf: (row) => row * rowHeight - offset + top,
    reveal(row) {
      const element = box.current;
      if (!element) return;
      const [from, to] = [row * rowHeight, (row + 1) * rowHeight];
      const now = element.scrollTop * scale;
      const wanted = from < now ? from : to > now + view ? to - view : now;
      if (wanted !== now) element.scrollTop = wanted / scale;
    },
  };
}
