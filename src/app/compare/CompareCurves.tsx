// The curves of the chosen runs with what belongs to them: what is drawn, over which axis, as a chart or a table, copying.
import { useRef, useState } from 'react';
import { joinColumns, tableRows, xColumn } from '../../store/plotSeries';
import type { RunSeries } from '../../store/runSeries';
import { chartsAsSvg } from '../charts/copyChart';
import { useScreenWords } from '../i18n/screenWords';
import { replaceQuery } from '../place';
import { useWords } from '../studioContext';
import { Segments } from '../ui/Segments';
import { useElementWidth } from '../ui/useElementWidth';
import { useTurn } from '../ui/useTurn';
import { CopyButtons } from './CopyButtons';
import { CurvePlot, columnOfMeasure } from './CurvePlot';
import { measures } from './closingRows';
import type { CompareChoice } from './compareChoice';
import { asCsv, type Cell } from './tableText';
import { letterOf } from './useRunNames';
import { words } from './words';

/** Rows of the table; the CSV has them all. */
const MOST_ROWS = 60;

interface CurvesProps {
  choice: CompareChoice;
  curves: ReadonlyMap<string, RunSeries>;
}

/** One row per run and measured step. */
function curvesCsv({ choice, curves }: CurvesProps): string {
  const name = columnOfMeasure(choice);
  const rows = choice.runs.flatMap((id, place): Cell[][] => {
    const series = curves.get(id);
    if (!series) return [];
    const minutes = xColumn(series, 'minutes');
    return Array.from(series.column('step'), (step, i) => [
      letterOf(place),
      id,
      step,
      series.at('tokens', i),
      minutes[i],
      series.at(name, i),
    ]);
  });
  return asCsv({ head: ['run', 'id', 'step', 'tokens', 'minutes', name], rows });
}

function CurveTable({ choice, curves }: CurvesProps) {
  const word = useScreenWords(words);
  const { t, format } = useWords();
  const shown = choice.runs.flatMap((id, place) => {
    const series = curves.get(id);
    return series ? [{ place, series }] : [];
  });
  const { steps, values } = joinColumns(shown.map(({ series }) => ({ series, name: columnOfMeasure(choice) })));
  const say = (value: number) => {
    if (!Number.isFinite(value)) return '–';
    return choice.measure === 'delta' ? format.points(value) : format.percent(value);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label={word('curves.table')}>
      <table>
        <caption className="visually-hidden">{word('curves.table')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('table.step')}</th>
            {shown.map(({ place }) => (
              <th key={place} scope="col">
                {letterOf(place)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tableRows(steps.length, MOST_ROWS).map((row) => (
            <tr key={steps[row]}>
              <th scope="row">{format.number(steps[row])}</th>
              {shown.map(({ place }, column) => (
                <td key={place}>{say(values[column][row])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function CompareCurves({ choice, curves, plannedSteps }: CurvesProps & { plannedSteps: number }) {
  const word = useScreenWords(words);
  const { t } = useWords();
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [ref, width] = useElementWidth<HTMLDivElement>();
  const isDrawn = useTurn(width > 0);
  const section = useRef<HTMLElement>(null);
  const svg = () => chartsAsSvg([...(section.current?.querySelectorAll<SVGSVGElement>('svg.recharts-surface') ?? [])]);
  const read = choice.runs.filter((id) => curves.has(id)).length;
  return (
    <section className="compare-part charts" ref={section} aria-labelledby="compare-curves">
      <h3 id="compare-curves">{word('curves.title')}</h3>
      <div className="chart-switches">
        <Segments
          label={word('measure.label')}
          options={measures.map((measure) => ({ value: measure, label: word(`measure.${measure}`) }))}
          value={choice.measure}
          onChange={(measure) => replaceQuery({ measure })}
        />
        <Segments
          label={t('chart.decoding')}
          options={[
            { value: 'greedy', label: t('chart.greedy') },
            { value: 'sampled', label: t('chart.sampled') },
          ]}
          value={choice.decoding}
          onChange={(decoding) => replaceQuery({ decoding })}
        />
        <Segments
          label={t('chart.xAxis')}
          options={[
            { value: 'step', label: t('chart.x.step') },
            { value: 'tokens', label: t('chart.x.tokens') },
            { value: 'minutes', label: t('chart.x.minutes') },
          ]}
          value={choice.unit}
          onChange={(x) => replaceQuery({ x })}
        />
      </div>
      <p className="plot-title">{word(`measure.${choice.measure}.long`)}</p>
      {read < choice.runs.length && (
        <p className="note" role="status">
          {word('reading', { n: read, all: choice.runs.length })}
        </p>
      )}
      {view === 'table' ? (
        <CurveTable choice={choice} curves={curves} />
      ) : (
        <div className="plots" ref={ref}>
          {isDrawn && <CurvePlot choice={choice} curves={curves} plannedSteps={plannedSteps} width={width} />}
        </div>
      )}
      <div className="chart-switches">
        <Segments<'chart' | 'table'>
          label={t('chart.view')}
          options={[
            { value: 'chart', label: t('chart.view.chart') },
            { value: 'table', label: t('chart.view.table') },
          ]}
          value={view}
          onChange={setView}
        />
        <CopyButtons
          of={word('curves.title')}
          kinds={[
            ...(view === 'chart' ? [{ word: 'copy.svg' as const, text: svg }] : []),
            { word: 'copy.csv', text: () => curvesCsv({ choice, curves }) },
          ]}
        />
      </div>
      <p className="note">{word('curves.help')}</p>
    </section>
  );
}
