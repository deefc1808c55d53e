// What every panel offers: the same numbers as a table, the drawing as SVG, the rows as CSV.
import { ChartLine, Copy, Table } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { chartsAsSvg } from '../charts/copyChart';
import { useCopy } from '../charts/useCopy';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';

export type PanelView = 'chart' | 'table';

export function usePanelView(): [PanelView, () => void] {
  const [view, setView] = useState<PanelView>('chart');
  return [view, () => setView(view === 'chart' ? 'table' : 'chart')];
}

interface PanelToolsProps {
  title: string;
  view: PanelView;
  onView(): void;
  csv(): string;
}

export function PanelTools({ title, view, onView, csv }: PanelToolsProps) {
  const { t } = useWords();
  const word = useScreenWords(words);
  const [copied, copy] = useCopy();
  const of = (action = '') => <span className="visually-hidden">{` ${action} ${word('tool.of', { title })}`}</span>;
  const copySvg = (event: MouseEvent<HTMLElement>) => {
    const plots = event.currentTarget.closest('.panel')?.querySelectorAll<SVGSVGElement>('svg.recharts-surface');
    copy(chartsAsSvg([...(plots ?? [])]));
  };
  return (
    <div className="panel-tools">
      <button type="button" className="quiet" onClick={onView}>
        {view === 'chart' ? <Table size={16} aria-hidden="true" /> : <ChartLine size={16} aria-hidden="true" />}
        {word(view === 'chart' ? 'tool.table' : 'tool.chart')}
        {of()}
      </button>
      {view === 'chart' && (
        <button type="button" className="quiet" onClick={copySvg}>
          <Copy size={16} aria-hidden="true" />
          {word('tool.svg')}
          {of(word('tool.copy'))}
        </button>
      )}
      <button type="button" className="quiet" onClick={() => copy(csv())}>
        <Copy size={16} aria-hidden="true" />
        {word('tool.csv')}
        {of(word('tool.copy'))}
      </button>
      <span role="status" className="note">
        {copied && t(copied === 'yes' ? 'chart.copied' : 'chart.copyRefused')}
      </span>
    </div>
  );
}
