// The settings of the chosen runs side by side, the baseline's first; only what differs, unless all of it is asked for.
import { useId, useMemo, useState } from 'react';
import type { StoredRunSummary } from '../../store/library';
import { useScreenWords } from '../i18n/screenWords';
import { replaceQuery } from '../place';
import { words as runWords } from '../run/words';
import { valueInWords } from '../studio/FieldRow';
import { ruleInWords } from '../studio/stopWords';
import { useStudioWords } from '../studio/useStudioWords';
import { useStudioState } from '../studioContext';
import { CopyButtons } from './CopyButtons';
import type { CompareChoice } from './compareChoice';
import { type ConfigLine, configLines } from './configDiff';
import { asCsv, asMarkdown } from './tableText';
import { letterOf } from './useRunNames';
import { words } from './words';

interface ConfigTableProps {
  choice: CompareChoice;
  runs: readonly StoredRunSummary[];
}

const partNames: Record<string, keyof typeof runWords.en> = {
  recipe: 'config.recipe',
  model: 'config.model',
  level: 'config.level',
  seed: 'config.seed',
  totalSteps: 'config.steps',
  minutes: 'config.minutes',
  evaluateEvery: 'config.evaluateEvery',
  evaluationProblems: 'config.evaluationProblems',
  testProblems: 'config.testProblems',
  checkpointEvery: 'config.checkpointEvery',
};

const SETTING = 'settings.';

/** Names and values as a reader knows them; a setting is named by the first recipe that has it. */
function useLineWords(runs: readonly StoredRunSummary[]) {
  const word = useScreenWords(words);
  const runWord = useScreenWords(runWords);
  const studioWords = useStudioWords();
  const recipes = useStudioState((state) => state.recipes);
  const recipeOf = ({ config }: StoredRunSummary) => recipes.find(({ id }) => id === config.recipe);
  const fieldOf = (run: StoredRunSummary, name: string) =>
    recipeOf(run)?.fields.find((field) => SETTING + field.name === name) ?? null;
  const nameOf = ({ name }: ConfigLine): string => {
    if (name === 'earlyStop') return word('config.earlyStop');
    if (name in partNames) return runWord(partNames[name]);
    const field = runs.map((run) => fieldOf(run, name)).find((found) => found !== null);
    return field ? studioWords.either(field.label) : name.slice(SETTING.length);
  };
  const sayValue = ({ name, values }: ConfigLine, place: number): string => {
    const value = values[place];
    const run = runs[place];
    if (value === undefined) return '–';
    if (name === 'earlyStop') return ruleInWords(studioWords.s, run.config.earlyStop ?? null);
    const recipe = name === 'recipe' ? recipeOf(run) : undefined;
    if (recipe) return studioWords.either(recipe.title);
    return valueInWords(fieldOf(run, name), value, studioWords);
  };
  return { nameOf, sayValue };
}

export function ConfigTable({ choice, runs }: ConfigTableProps) {
  const word = useScreenWords(words);
  const [text, setText] = useState('');
  const id = useId();
  // The baseline's values are what the others are read against.
  const ordered = useMemo(
    () => [...runs].sort((a, b) => Number(b.config.id === choice.base) - Number(a.config.id === choice.base)),
    [runs, choice.base],
  );
  const lines = useMemo(() => configLines(ordered.map(({ config }) => config)), [ordered]);
  const { nameOf, sayValue } = useLineWords(ordered);
  const letters = ordered.map(({ config }) => letterOf(choice.runs.indexOf(config.id)));
  const wanted = text.trim().toLowerCase();
  const different = lines.filter(({ isDifferent }) => isDifferent);
  const shown = (choice.showsAll ? lines : different).filter((line) =>
    `${line.name} ${nameOf(line)}`.toLowerCase().includes(wanted),
  );
  const nothing =
    wanted !== ''
      ? word('config.nothing')
      : runs.length < 2
        ? word('config.one')
        : word('config.same', { n: lines.length });
  const csv = () =>
    asCsv({
      head: ['setting', ...letters],
      rows: shown.map(({ name, values }) => [
        name,
        ...values.map((value) => (value === undefined ? null : String(value))),
      ]),
    });
  const markdown = () =>
    asMarkdown({
      head: [word('config.title'), ...letters],
      rows: shown.map((line) => [nameOf(line), ...ordered.map((_, place) => sayValue(line, place))]),
    });
  return (
    <div className="compare-part">
      <div className="compare-head">
        <h3>{word('config.title')}</h3>
        <span className="note">{word('config.count', { n: different.length, all: lines.length })}</span>
        <label className="check">
          <input
            type="checkbox"
            checked={!choice.showsAll}
            onChange={() => replaceQuery({ all: choice.showsAll ? null : 1 })}
          />
          {word('config.only')}
        </label>
        <span className="pick-tools">
          <label htmlFor={id}>{word('config.find')}</label>
          <input id={id} type="search" value={text} onChange={({ target }) => setText(target.value)} />
        </span>
      </div>
      {shown.length === 0 ? (
        <p className="note">{nothing}</p>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className="table-scroll" tabIndex={0} aria-label={word('config.title')}>
            <table className="config-table">
              <thead>
                <tr>
                  <th scope="col">{word('config.title')}</th>
                  {ordered.map(({ config }, place) => (
                    <th key={config.id} scope="col">
                      <b>{letters[place]}</b>
                      {config.id === choice.base && <small> ({word('base.here')})</small>}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shown.map((line) => (
                  <tr key={line.name}>
                    <th scope="row">
                      {nameOf(line)} <code>{line.name.replace(SETTING, '')}</code>
                    </th>
                    {ordered.map(({ config }, place) => (
                      <td key={config.id} className={line.values[place] === line.values[0] ? undefined : 'differs'}>
                        {sayValue(line, place)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <CopyButtons
            of={word('config.title')}
            kinds={[
              { word: 'copy.csv', text: csv },
              { word: 'copy.markdown', text: markdown },
            ]}
          />
          {runs.length > 1 && <p className="note">{word('config.note')}</p>}
        </>
      )}
    </div>
  );
}
