// Parts of a screen take turns at being drawn for the first time, one task each: eight axes, or a whole screen, at once would
// hold the page for too long while both cores train.
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

/** Whether parts still wait to be drawn. */
export function areTurnsDue(): boolean {
  return isGoing;
}

/** @returns takes it back */
function askForTurn(turn: () => void): () => void {
  waiting.push(turn);
  if (!isGoing) {
    isGoing = true;
    setTimeout(next, PAUSE_MS);
  }
  return () => {
    const place = waiting.indexOf(turn);
    if (place >= 0) waiting.splice(place, 1);
  };
}

/** False until it is this component's turn (and it is wanted). Stays true. */
export function useTurn(isWanted: boolean): boolean {
  const [isMine, setIsMine] = useState(false);
  useEffect(() => {
    if (!isMine && isWanted) return askForTurn(() => setIsMine(true));
  }, [isMine, isWanted]);
  return isMine;
}

/** How many items of a list to draw: a few more with every turn, until all stand there. */
export function useGrowth(all: number, atATime: number): number {
  const [count, setCount] = useState(atATime);
  const isMore = count < all;
  useEffect(() => {
    if (isMore) return askForTurn(() => setCount(count + atATime));
  }, [count, isMore, atATime]);
  return Math.min(count, all);
}
