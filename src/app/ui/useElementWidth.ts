// The width of an element in CSS pixels, followed as it changes; 0 before the first measure.
// A callback ref: when another element takes the place (chart, table, chart again), that one is followed.
import { type RefCallback, useCallback, useState } from 'react';

export function useElementWidth<E extends HTMLElement>(): [RefCallback<E>, number] {
  const [width, setWidth] = useState(0);
  const follow = useCallback((element: E | null) => {
    if (!element) return;
    setWidth(Math.floor(element.getBoundingClientRect().width));
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [follow, width];
}
