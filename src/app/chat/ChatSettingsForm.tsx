// How the model answers: what it is told before, how tokens are drawn, how long it may write, and who answers beside the base.
import { useScreenWords } from '../i18n/screenWords';
import { NumberSetting } from '../playground/NumberSetting';
import { LIMITS } from '../playground/question';
import { words as playgroundWords } from '../playground/words';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { Segments } from '../ui/Segments';
import { words } from './words';

const LONGEST = { min: 1, max: 2048, step: 1 } as const;
/** The temperature that drawing begins with. */
const USUAL_TEMPERATURE = 0.7;

function RunBeside() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const runId = useStudioState((state) => state.chat.runId);
  const stored = useStudioState((state) => state.storedRuns);
  const model = useStudioState((state) => state.model.info?.id);
  const adapters = useStudioState((state) => state.chat.adapters);
  const runs = stored.filter(({ config, checkpointStep }) => config.model === model && checkpointStep !== null);
  if (runs.length + adapters.length === 0) return <p className="note">{w('set.runsNone')}</p>;
  return (
    <label className="stacked">
      {w('set.run')}
      <select value={runId ?? ''} onChange={({ target }) => studio.chat.compareWith(target.value || null)}>
        <option value="">{w('set.runNone')}</option>
        {runs.map(({ config, label, checkpointStep }) => (
          <option key={config.id} value={config.id}>
            {w('set.runEntry', {
              name: label?.name || `${format.date(config.createdAt)} ${config.recipe}`,
              step: format.number(checkpointStep ?? 0),
            })}
          </option>
        ))}
        {adapters.map(({ id, name, modules, rank }) => (
          <option key={id} value={id}>
            {w('set.adapterEntry', { name, modules: format.number(modules), rank: format.number(rank) })}
          </option>
        ))}
      </select>
    </label>
  );
}

/** An adapter that was taken home, or came from elsewhere, beside the base. */
function AdapterFromFiles() {
  const w = useScreenWords(words);
  const studio = useStudio();
  const error = useStudioState((state) => state.chat.adapterError);
  const hasModel = useStudioState((state) => state.model.info !== null);
  return (
    <>
      <label className="stacked">
        {w('set.adapter')}
        <input
          type="file"
          multiple
          accept=".json,.safetensors,.zip,.gguf"
          disabled={!hasModel}
          onChange={({ target }) => {
            studio.chat.openAdapter([...(target.files ?? [])]);
            // The same files may be chosen again.
            target.value = '';
          }}
        />
      </label>
      <p className="note">{w('set.adapterHelp')}</p>
      {error && <p role="alert">{error.message}</p>}
    </>
  );
}

export function ChatSettingsForm() {
  const w = useScreenWords(words);
  const p = useScreenWords(playgroundWords);
  const studio = useStudio();
  const { system, temperature, topK, topP, maxTokens, seed, instruction } = useStudioState(
    (state) => state.chat.settings,
  );
  const isGreedy = temperature === 0;
  const { change } = studio.chat;
  return (
    <section className="question chat-settings" aria-labelledby="chat-settings">
      <h3 id="chat-settings">{w('set.title')}</h3>
      <RunBeside />
      <AdapterFromFiles />
      <label className="stacked">
        {w('set.system')}
        <textarea
          rows={2}
          value={system}
          maxLength={20_000}
          onChange={({ target }) => change({ system: target.value })}
        />
      </label>
      <Segments
        label={p('sampling')}
        labelled
        options={[
          { value: 'greedy', label: p('sampling.greedy') },
          { value: 'sampled', label: p('sampling.sampled') },
        ]}
        value={isGreedy ? 'greedy' : 'sampled'}
        onChange={(way) => change({ temperature: way === 'greedy' ? 0 : USUAL_TEMPERATURE })}
      />
      <div className="number-settings">
        {!isGreedy && (
          <>
            <NumberSetting
              label={p('temperature')}
              help={p('temperature.help')}
              {...LIMITS.temperature}
              value={temperature}
              onChange={(value) => change({ temperature: value })}
            />
            <NumberSetting
              label={p('topK')}
              help={p('topK.help')}
              {...LIMITS.topK}
              step={1}
              value={topK}
              onChange={(value) => change({ topK: value })}
            />
            <NumberSetting
              label={p('topP')}
              help={p('topP.help')}
              {...LIMITS.topP}
              value={topP}
              onChange={(value) => change({ topP: value })}
            />
            <NumberSetting
              label={p('seed')}
              {...LIMITS.seed}
              step={1}
              value={seed}
              onChange={(value) => change({ seed: value })}
            />
          </>
        )}
        <NumberSetting
          label={w('set.maxTokens')}
          help={w('set.maxTokensHelp')}
          {...LONGEST}
          value={maxTokens}
          onChange={(value) => change({ maxTokens: value })}
        />
      </div>
      <label className="stacked">
        {w('set.instruction')}
        <textarea
          rows={3}
          value={instruction}
          maxLength={4000}
          onChange={({ target }) => change({ instruction: target.value })}
        />
      </label>
    </section>
  );
}
