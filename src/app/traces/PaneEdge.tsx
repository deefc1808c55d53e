// The edge between list and sample: dragged, or moved with the arrow keys; where it stands is remembered.
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { useTraceWords } from './columnWords';

const KEY = 'second-thought.trace-pane';
const LEAST = 28;
const MOST = 65;
const USUAL = 42;
const STEP = 3;

const within = (share: number) => Math.max(LEAST, Math.min(MOST, Math.round(share)));

/** The pane's share of the width in percent, remembered. */
export function usePaneShare(): [number, (share: number) => void] {
  const [share, setShare] = useState(() => {
    try {
      const stored = Number(localStorage.getItem(KEY));
      return stored > 0 ? within(stored) : USUAL;
    } catch {
      return USUAL;
    }
  });
  return [
    share,
    (next) => {
      setShare(within(next));
      try {
        localStorage.setItem(KEY, String(within(next)));
      } catch {
        // Blocked by the browser's privacy settings: it holds for this visit.
      }
    },
  ];
}

export function PaneEdge({ share, onShare }: { share: number; onShare(share: number): void }) {
  const { say } = useTraceWords();
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box) onShare(((box.right - event.clientX) / box.width) * 100);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onShare(share + by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved
    <div
      role="separator"
      className="pane-edge"
      aria-orientation="vertical"
      aria-label={say('pane.edge')}
      aria-valuenow={share}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={press}
    />
  );
}
