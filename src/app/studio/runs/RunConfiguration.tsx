// The configuration of a run as it was started: what differs from the defaults, or all of it as JSON. Frozen: there is nothing to edit.
import { Copy } from 'lucide-react';
import { useState } from 'react';
import type { RunConfig } from '../../../protocol/events';
import { LESSON_FORM } from '../../../protocol/runForm';
import { useStudioState } from '../../studioContext';
import { Segments } from '../../ui/Segments';
import { valueInWords } from '../FieldRow';
import { partName } from '../missing';
import { ruleInWords } from '../stopWords';
import { useStudioWords } from '../useStudioWords';

interface Difference {
  name: string;
  otherwise: string;
  here: string;
}

function useDifferences(config: RunConfig): Difference[] {
  const words = useStudioWords();
  const { s, format, either } = words;
  const recipe = useStudioState((state) => state.recipes).find(({ id }) => id === config.recipe) ?? null;
  const settings = Object.entries(config.settings).flatMap(([name, value]): Difference[] => {
    const field = recipe?.fields.find((candidate) => candidate.name === name) ?? null;
    if (field && field.default === value) return [];
    const otherwise = field ? valueInWords(field, field.default, words) : '–';
    return [{ name: field ? either(field.label) : name, otherwise, here: valueInWords(field, value, words) }];
  });
  const { evaluation } = LESSON_FORM;
  const parts: [place: string, otherwise: number, here: number][] = [
    ['run.level', LESSON_FORM.level, config.level],
    ['run.every', evaluation.every, config.evaluateEvery],
    ['run.problems', evaluation.problems, config.evaluationProblems],
    ['run.testProblems', evaluation.testProblems, config.testProblems ?? evaluation.testProblems],
    ['run.checkpointEvery', LESSON_FORM.checkpointEvery, config.checkpointEvery],
  ];
  const others = parts
    .filter(([, otherwise, here]) => otherwise !== here)
    .map(([place, otherwise, here]) => ({
      name: partName(place, { recipe }, words),
      otherwise: format.number(otherwise),
      here: format.number(here),
    }));
  const rule = config.earlyStop
    ? [{ name: s('stop.title'), otherwise: s('ready.never'), here: ruleInWords(s, config.earlyStop) }]
    : [];
  return [...settings, ...others, ...rule];
}

export function RunConfiguration({ config }: { config: RunConfig }) {
  const { s } = useStudioWords();
  const [view, setView] = useState<'changed' | 'all'>('changed');
  const [isCopied, setIsCopied] = useState(false);
  const differences = useDifferences(config);
  const json = JSON.stringify(config, null, 2);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(json);
      setIsCopied(true);
    } catch {
      // The browser allows no copying: the text stands there to be selected.
      setIsCopied(false);
    }
  };
  return (
    <div className="run-configuration">
      <div className="part-head">
        <h3>{s('config.title')}</h3>
        <Segments<'changed' | 'all'>
          label={s('config.view')}
          options={[
            { value: 'changed', label: s('config.changed') },
            { value: 'all', label: s('config.all') },
          ]}
          value={view}
          onChange={setView}
        />
        <span className="note">{s('config.frozen')}</span>
      </div>
      {view === 'all' && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className="json-view" aria-label={s('config.all')} tabIndex={0}>
            <pre>{json}</pre>
          </section>
          <div className="actions">
            <button type="button" className="quiet" onClick={() => void copy()}>
              <Copy size={16} aria-hidden="true" />
              {s('config.copy')}
            </button>
            <span className="note" role="status">
              {isCopied && s('config.copied')}
            </span>
          </div>
        </>
      )}
      {view === 'changed' && differences.length === 0 && <p className="note">{s('config.nothing')}</p>}
      {view === 'changed' && differences.length > 0 && (
        <table className="small-table">
          <thead>
            <tr>
              <th scope="col">{s('config.name')}</th>
              <th scope="col">{s('config.default')}</th>
              <th scope="col">{s('config.here')}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ name, otherwise, here }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{otherwise}</td>
                <td>
                  <strong>{here}</strong>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
