// Whether an element is on the screen or nearly: what is far below is neither drawn nor redrawn.
import { type RefCallback, useCallback, useState } from 'react';

/** Drawn this much before it is scrolled to. */
const AHEAD = '200px';

export function useSeen<E extends HTMLElement>(): [RefCallback<E>, boolean] {
  const [isSeen, setIsSeen] = useState(typeof IntersectionObserver === 'undefined');
  const follow = useCallback((element: E | null) => {
    if (!element || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver(([entry]) => setIsSeen(entry.isIntersecting), { rootMargin: AHEAD });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [follow, isSeen];
}
