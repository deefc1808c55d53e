// How all charts of the screen are drawn: unit of the x axis (kept with the page's choices), smoothing and logarithmic scale
// (in the address, so that a view can be shared).
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import type { XAxisUnit } from '../../store/preferences';
import { FollowLive } from '../charts/AtCursor';
import { useLater } from '../charts/useLater';
import { useScreenWords } from '../i18n/screenWords';
import { replaceQuery, usePlace } from '../place';
import { usePreferences, useWords } from '../studioContext';
import { Segments } from '../ui/Segments';
import { words } from './words';

export interface ChartSettings {
  unit: XAxisUnit;
  /** Weight of the moving average, 0 = none. */
  weight: number;
  log: boolean;
}

/** More than this hides what happens. */
const MOST_SMOOTHING = 0.95;

export const SettingsContext = createContext<ChartSettings>({ unit: 'step', weight: 0, log: false });

export function useChartSettings(): ChartSettings {
  const place = usePlace();
  const [{ xAxis: unit }] = usePreferences();
  const given = Number(place.query.get('smooth') ?? 0);
  const weight = given >= 0 && given <= MOST_SMOOTHING ? given : 0;
  const log = place.query.get('log') === '1';
  return useMemo(() => ({ unit, weight, log }), [unit, weight, log]);
}

/** Between two charts that take new settings: all axes in one task would hold the page. */
const STAGGER_MS = 30;

/** The settings, a little later for each chart. */
export function useSettingsInTurn(order: number): ChartSettings {
  return useLater(useContext(SettingsContext), order * STAGGER_MS);
}

/** The slider itself moves at once; the address (and with it the charts) follows when it rests. */
const REST_MS = 120;

export function SettingsBar({ newest }: { newest: number | undefined }) {
  const { t, format } = useWords();
  const word = useScreenWords(words);
  const [{ xAxis }, setPreferences] = usePreferences();
  const { weight, log } = useContext(SettingsContext);
  // Null: the slider rests where the address says.
  const [moved, setMoved] = useState<number | null>(null);
  useEffect(() => {
    if (moved === null) return;
    const timer = setTimeout(() => {
      replaceQuery({ smooth: moved === 0 ? null : moved });
      setMoved(null);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [moved]);
  const shown = moved ?? weight;
  const text = shown === 0 ? word('smoothing.none') : format.number(shown, 2);
  return (
    <fieldset className="run-settings">
      <legend className="visually-hidden">{word('settings.label')}</legend>
      <Segments
        label={t('chart.xAxis')}
        options={[
          { value: 'step', label: t('chart.x.step') },
          { value: 'tokens', label: t('chart.x.tokens') },
          { value: 'minutes', label: t('chart.x.minutes') },
        ]}
        value={xAxis}
        onChange={(unit) => setPreferences({ xAxis: unit })}
      />
      <label className="smoothing" title={word('smoothing.help')}>
        {word('smoothing')}
        <input
          type="range"
          min={0}
          max={MOST_SMOOTHING}
          step={0.05}
          value={shown}
          aria-valuetext={text}
          onChange={(event) => setMoved(Number(event.target.value))}
        />
        <output>{text}</output>
      </label>
      <label className="log">
        <input type="checkbox" checked={log} onChange={() => replaceQuery({ log: log ? null : 1 })} />
        {word('log')}
      </label>
      <FollowLive newest={newest} />
    </fieldset>
  );
}
