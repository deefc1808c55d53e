// Datasets: bring one in, say what its columns are, see it as the model will, keep it.
import { useScreenWords } from '../i18n/screenWords';
import { useStudioState } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { KeepForm, KeptList } from './KeptDatasets';
import { MappingPanel } from './MappingPanel';
import { PreviewPanel } from './PreviewPanel';
import { ReportPanel } from './ReportPanel';
import { SourcePanel } from './SourcePanel';
import { words } from './words';
import './datasets.css';

export default function DatasetsScreen() {
  const w = useScreenWords(words);
  const { phase, opened, mapping, shares, report, error } = useStudioState((state) => state.datasets);
  return (
    <div className="datasets">
      <h2>{w('title')}</h2>
      <p className="lead">{w('lead')}</p>
      <div className="data-grid">
        <div className="data-column">
          <SourcePanel />
          <p role="status" className="note">
            {phase === 'reading' && w('reading')}
          </p>
          {error && <ErrorPanel title={w('failed.title')} error={error} />}
          {opened && <MappingPanel opened={opened} mapping={mapping} shares={shares} />}
        </div>
        <div className="data-column">
          {report && <PreviewPanel report={report} isPreference={mapping?.kind === 'preference'} />}
          {report && <ReportPanel report={report} />}
          {report && report.usable > 0 && opened && <KeepForm key={opened.name} suggested={opened.name} />}
          <KeptList />
        </div>
      </div>
    </div>
  );
}
