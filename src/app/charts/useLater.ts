// Rendering in turns: what need not be drawn at once is drawn in a task of its own, so that no task holds the page for long.
import { useEffect, useState } from 'react';

/** Follows a value, `ms` later each time; the first value is there at once. */
export function useLater<T>(value: T, ms: number): T {
  const [held, setHeld] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setHeld(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return held;
}
