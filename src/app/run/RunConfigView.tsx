// The configuration a run was started with: never changes, can be copied; what differs from the recipe's defaults is marked.
import type { RunConfig } from '../../protocol/events';
import type { Field, Settings } from '../../protocol/fields';
import { useCopy } from '../charts/useCopy';
import { useScreenWords } from '../i18n/screenWords';
import { useStudioState, useWords } from '../studioContext';
import { useRunSource } from './runSource';
import { type WordKey, words } from './words';

function useValueWords(): (value: Settings[string], field?: Field) => string {
  const { language } = useWords();
  const word = useScreenWords(words);
  return (value, field) => {
    if (typeof value === 'boolean') return word(value ? 'config.on' : 'config.off');
    const option = field?.kind === 'choice' ? field.options.find((candidate) => candidate.value === value) : undefined;
    if (option) return option.label[language];
    const unit = field && 'unit' in field ? field.unit : '';
    return unit ? `${value} ${unit}` : String(value);
  };
}

function SettingRows({ config, fields }: { config: RunConfig; fields: readonly Field[] }) {
  const { language } = useWords();
  const word = useScreenWords(words);
  const say = useValueWords();
  const known = new Map(fields.map((field) => [field.name, field]));
  return Object.entries(config.settings).map(([name, value]) => {
    const field = known.get(name);
    const isChanged = field !== undefined && field.default !== value;
    return (
      <tr key={name} className={isChanged ? 'changed' : undefined}>
        <th scope="row">
          {field?.label[language] ?? name} <code>{name}</code>
        </th>
        <td>
          {say(value, field)}
          {isChanged && <span className="note"> {word('config.changed', { value: say(field.default, field) })}</span>}
        </td>
      </tr>
    );
  });
}

export function RunConfigView() {
  const { t, format, language } = useWords();
  const word = useScreenWords(words);
  const { config } = useRunSource();
  const recipe = useStudioState((state) => state.recipes.find(({ id }) => id === config.recipe));
  const [copied, copy] = useCopy();
  const facts: [WordKey, string][] = [
    ['config.recipe', recipe ? `${recipe.title[language]} (${recipe.paper})` : config.recipe],
    ['config.model', config.model],
    ['config.level', format.number(config.level)],
    // Not grouped: a seed is a name, to be typed again.
    ['config.seed', String(config.seed)],
    ['config.steps', format.number(config.totalSteps)],
    ['config.evaluateEvery', format.number(config.evaluateEvery)],
    ['config.evaluationProblems', format.number(config.evaluationProblems)],
    ['config.checkpointEvery', format.number(config.checkpointEvery)],
    ['config.createdAt', format.date(config.createdAt)],
  ];
  if (config.minutes !== null) facts.push(['config.minutes', format.number(config.minutes)]);
  if (config.testProblems !== undefined) facts.push(['config.testProblems', format.number(config.testProblems)]);
  return (
    <details className="run-config">
      <summary>{word('config.title')}</summary>
      <p className="note">
        {word('config.fixed')}{' '}
        <button type="button" className="quiet" onClick={() => copy(JSON.stringify(config, null, 2))}>
          {word('config.copy')}
        </button>
        <span role="status">{copied && t(copied === 'yes' ? 'chart.copied' : 'chart.copyRefused')}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label={word('config.title')}>
        <table>
          <tbody>
            {facts.map(([key, value]) => (
              <tr key={key}>
                <th scope="row">{word(key)}</th>
                <td>{value}</td>
              </tr>
            ))}
            <SettingRows config={config} fields={recipe?.fields ?? []} />
          </tbody>
        </table>
      </section>
    </details>
  );
}
