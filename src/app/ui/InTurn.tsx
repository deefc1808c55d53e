// A part of a screen that is mounted in a task of its own, after the parts that stand before it.
import type { ReactNode } from 'react';
import { useTurn } from './useTurn';

/** @param instead what stands there until then: as high as the part will be, where something stands below it */
export function InTurn({ children, instead = null }: { children: ReactNode; instead?: ReactNode }) {
  return useTurn(true) ? children : instead;
}
