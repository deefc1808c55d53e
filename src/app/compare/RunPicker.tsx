// Which of the stored runs are compared, and which of them the others are compared with.
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import type { StoredRunSummary } from '../../store/library';
import { useScreenWords } from '../i18n/screenWords';
import { replaceQuery } from '../place';
import { useStudioState, useWords } from '../studioContext';
import { BASE_MODEL } from './closingRows';
import { type CompareChoice, chooseRuns, MOST_RUNS } from './compareChoice';
import { letterOf, lookOf, useFullName, useRunName } from './useRunNames';
import { words } from './words';

/** Rows of the list; a search reaches the others. */
const MOST_LISTED = 60;

function Swatch({ place }: { place: number }) {
  return (
    <svg className="run-swatch" width="34" height="8" aria-hidden="true">
      <line x1="0" x2="34" y1="4" y2="4" strokeWidth="2.5" {...lookOf(place)} />
    </svg>
  );
}

interface PickerProps {
  choice: CompareChoice;
  stored: readonly StoredRunSummary[];
}

function useRunFacts(): (run: StoredRunSummary) => string {
  const word = useScreenWords(words);
  const { t, format, language } = useWords();
  const recipes = useStudioState((state) => state.recipes);
  return ({ config, status, step, label }) => {
    const recipe = recipes.find(({ id }) => id === config.recipe);
    return [
      recipe ? recipe.title[language] : config.recipe,
      word('seed', { seed: config.seed }),
      // Where a run that practises stands is said in the header.
      status === 'running'
        ? t('run.status.running')
        : `${t(`run.status.${status}`)} ${format.number(step)}/${format.number(config.totalSteps)}`,
      ...(label?.tags ?? []),
    ].join(' · ');
  };
}

function Listed({ choice, stored }: PickerProps) {
  const word = useScreenWords(words);
  const nameOf = useRunName();
  const factsOf = useRunFacts();
  const [text, setText] = useState('');
  const id = useId();
  const wanted = text.trim().toLowerCase();
  const found = stored.filter((run) => `${nameOf(run)} ${factsOf(run)}`.toLowerCase().includes(wanted));
  const isFull = choice.runs.length >= MOST_RUNS;
  const toggle = (runId: string) =>
    chooseRuns(choice.runs.includes(runId) ? choice.runs.filter((one) => one !== runId) : [...choice.runs, runId]);
  return (
    <>
      <p className="pick-tools">
        <label htmlFor={id}>{word('pick.find')}</label>
        <input id={id} type="search" value={text} onChange={({ target }) => setText(target.value)} />
        {choice.runs.length > 0 && (
          <button type="button" className="quiet" onClick={() => chooseRuns([])}>
            {word('pick.clear')}
          </button>
        )}
      </p>
      {found.length === 0 && <p className="note">{word('pick.nothing')}</p>}
      <ul className="pick-list">
        {found.slice(0, MOST_LISTED).map((run) => {
          const isChosen = choice.runs.includes(run.config.id);
          return (
            <li key={run.config.id}>
              <label>
                <input
                  type="checkbox"
                  checked={isChosen}
                  disabled={isFull && !isChosen}
                  onChange={() => toggle(run.config.id)}
                />
                <span>
                  {nameOf(run)} <small>{factsOf(run)}</small>
                </span>
              </label>
            </li>
          );
        })}
      </ul>
      {found.length > MOST_LISTED && <p className="note">{word('pick.more', { n: found.length - MOST_LISTED })}</p>}
    </>
  );
}

export function RunPicker({ choice, stored }: PickerProps) {
  const word = useScreenWords(words);
  const nameOf = useRunName();
  const fullName = useFullName();
  const factsOf = useRunFacts();
  const baseId = useId();
  // Open for whoever comes without two to compare; afterwards it stays as it was left.
  const [isOpen, setIsOpen] = useState(choice.runs.length < 2);
  const chosen = choice.runs.map((id) => ({ id, run: stored.find(({ config }) => config.id === id) ?? null }));
  return (
    <section className="run-picker" aria-label={word('chosen.label')}>
      <details open={isOpen} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary>
          {word('pick.title')} <span className="note">{word('pick.count', { n: chosen.length, most: MOST_RUNS })}</span>
        </summary>
        {isOpen && <Listed choice={choice} stored={stored} />}
      </details>
      {chosen.length > 0 && (
        <>
          <ul className="chosen-runs">
            {chosen.map(({ id, run }, place) => (
              <li key={id}>
                <Swatch place={place} />
                <b>{letterOf(place)}</b>
                <span>
                  {run ? nameOf(run) : <span className="needs-you">{word('missing', { id })}</span>}{' '}
                  {run && <small>{factsOf(run)}</small>}
                </span>
                <button
                  type="button"
                  className="quiet"
                  onClick={() => chooseRuns(choice.runs.filter((one) => one !== id))}
                >
                  <X size={16} aria-hidden="true" />
                  <span className="visually-hidden">
                    {word('chosen.remove')} {run ? nameOf(run) : id}
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <p className="pick-tools">
            <label htmlFor={baseId}>{word('base.label')}</label>
            <select
              id={baseId}
              value={choice.base}
              onChange={({ target }) => replaceQuery({ base: target.value === BASE_MODEL ? null : target.value })}
            >
              <option value={BASE_MODEL}>{word('base.model')}</option>
              {chosen.map(
                ({ id, run }, place) =>
                  run && <option key={id} value={id}>{`${letterOf(place)} ${fullName(run)}`}</option>,
              )}
            </select>
          </p>
        </>
      )}
    </section>
  );
}
