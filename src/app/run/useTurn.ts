// Charts take turns at being drawn for the first time, one task each: eight axes at once would hold the page for too long.
import { useEffect, useState } from 'react';

/** Between two turns the browser may draw and answer. */
const PAUSE_MS = 16;

const waiting: (() => void)[] = [];
let isGoing = false;

function next(): void {
  const turn = waiting.shift();
  isGoing = turn !== undefined;
  if (!turn) return;
  turn();
  setTimeout(next, PAUSE_MS);
}

/** False until it is this component's turn (and it is wanted). Stays true. */
export function useTurn(isWanted: boolean): boolean {
  const [isMine, setIsMine] = useState(false);
  useEffect(() => {
    if (isMine || !isWanted) return;
    const turn = () => setIsMine(true);
    waiting.push(turn);
    if (!isGoing) {
      isGoing = true;
      setTimeout(next, PAUSE_MS);
    }
    return () => {
      const place = waiting.indexOf(turn);
      if (place >= 0) waiting.splice(place, 1);
    };
  }, [isMine, isWanted]);
  return isMine;
}
