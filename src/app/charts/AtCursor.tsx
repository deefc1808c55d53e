// What follows the cursor beside the charts: the numbers at it, and the way back to the newest step.
import type { ChartPoint } from '../../store/chartPoints';
import { usePreferences, useWords } from '../studioContext';
import { useCursor, useCursorStep, usePinnedStep } from './chartCursor';
import { Readouts } from './Readouts';

/** The numbers at the cursor, or the newest. */
export function ReadoutsAtCursor({
  points,
  measured,
}: {
  points: readonly ChartPoint[];
  measured: readonly ChartPoint[];
}) {
  const { t } = useWords();
  const [{ decoding }] = usePreferences();
  const cursor = useCursorStep();
  const shown = points.find((point) => point.step === cursor) ?? measured.at(-1) ?? null;
  if (!shown) return <p className="readouts note">{t('chart.noPointYet')}</p>;
  return <Readouts point={shown} base={measured[0]?.step === 0 ? measured[0] : null} decoding={decoding} />;
}

export function FollowLive({ newest }: { newest: number | undefined }) {
  const { t } = useWords();
  const cursor = useCursor();
  const pinned = usePinnedStep();
  if (pinned === null || pinned === newest) return null;
  return (
    <button type="button" className="chip" onClick={() => cursor.setState({ pinned: null })}>
      {t('chart.followLive')}
    </button>
  );
}
