// The problem, how tokens are chosen, the seed, and which run's model stands on the trained side. All of it is in the address.
import { Dices, Play, RefreshCw } from 'lucide-react';
import type { RunConfig } from '../../protocol/events';
import { useScreenWords } from '../i18n/screenWords';
import { ProblemNumbers } from '../lesson/ProblemNumbers';
import { replaceId, replaceQuery } from '../place';
import { useWords } from '../studioContext';
import { Segments } from '../ui/Segments';
import { NumberSetting } from './NumberSetting';
import { type AskedFor, LIMITS, NO_RUN, writeQuestion } from './question';
import { words } from './words';

export interface AskableRun {
  config: RunConfig;
  /** given by a person */
  name: string | null;
  /** of its last checkpoint; null: it practises now */
  step: number | null;
  /** of its best checkpoint; null: there is none, or it practises now */
  bestStep: number | null;
}

interface QuestionFormProps {
  question: AskedFor;
  runs: readonly AskableRun[];
  /** The run that is taken, NO_RUN, or one that is not kept here. */
  run: string;
  /** What the button says; null: nothing is in the way. */
  obstacle: string | null;
  canDraw: boolean;
  onDraw(level: number): void;
  onAsk(): void;
}

const LEVELS = Array.from({ length: LIMITS.level.max - LIMITS.level.min + 1 }, (_, i) => LIMITS.level.min + i);
/** The temperature that drawing begins with. */
const USUAL_TEMPERATURE = 1;

const set = (part: Partial<AskedFor>) => replaceQuery(writeQuestion(part));

function RunChoice({ runs, run, question }: Pick<QuestionFormProps, 'runs' | 'run' | 'question'>) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const chosen = runs.find(({ config }) => config.id === run);
  const isMissing = run !== NO_RUN && !chosen;
  if (runs.length === 0 && !isMissing) return <p className="note">{w('run.noneYet')}</p>;
  return (
    <>
      <label className="stacked">
        {w('run')}
        <select value={run} onChange={({ target }) => replaceId(target.value)}>
          {isMissing && <option value={run}>{run}</option>}
          {runs.map(({ config, name, step }) => {
            const date = name ?? format.date(config.createdAt);
            return (
              <option key={config.id} value={config.id}>
                {step === null ? w('run.live', { date }) : w('run.entry', { date, step: format.number(step) })}
              </option>
            );
          })}
          <option value={NO_RUN}>{w('run.none')}</option>
        </select>
      </label>
      {isMissing && <p className="needs-you">{w('run.missing')}</p>}
      {chosen && (
        <div>
          <Segments
            label={w('slot')}
            labelled
            options={[
              { value: 'last', label: w('slot.last') },
              {
                value: 'best',
                label:
                  chosen.bestStep === null
                    ? w('slot.best')
                    : w('slot.bestAt', { step: format.number(chosen.bestStep) }),
              },
            ]}
            value={question.slot}
            onChange={(slot) => set({ slot })}
          />
          <p className="note">{w('slot.help')}</p>
        </div>
      )}
    </>
  );
}

export function QuestionForm({ question, runs, run, obstacle, canDraw, onDraw, onAsk }: QuestionFormProps) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { numbers, seed, temperature, topK, topP } = question;
  const level = numbers?.length ?? 6;
  const isGreedy = temperature === 0;
  return (
    // Our own words say what is wrong with a number; Enter in any field asks.
    <form
      className="question"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (obstacle === null) onAsk();
      }}
    >
      <ProblemNumbers numbers={numbers} onEdit={(edited) => set({ numbers: edited })} />
      <div className="actions">
        <label className="choice">
          {w('level')}
          <select value={level} disabled={!canDraw} onChange={({ target }) => onDraw(Number(target.value))}>
            {LEVELS.map((count) => (
              <option key={count} value={count}>
                {format.number(count)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={!canDraw} onClick={() => onDraw(level)}>
          <RefreshCw size={16} aria-hidden="true" />
          {w('another')}
        </button>
      </div>
      <button type="submit" className="primary ask" disabled={obstacle !== null}>
        <Play size={16} aria-hidden="true" />
        {obstacle ?? w('ask')}
      </button>
      <RunChoice runs={runs} run={run} question={question} />
      <div>
        <Segments
          label={w('sampling')}
          labelled
          options={[
            { value: 'greedy', label: w('sampling.greedy') },
            { value: 'sampled', label: w('sampling.sampled') },
          ]}
          value={isGreedy ? 'greedy' : 'sampled'}
          onChange={(way) => set({ temperature: way === 'greedy' ? 0 : USUAL_TEMPERATURE })}
        />
        <p className="note">{w(isGreedy ? 'sampling.greedyNote' : 'sampling.sampledNote')}</p>
      </div>
      {!isGreedy && (
        <div className="number-settings">
          <NumberSetting
            label={w('temperature')}
            help={w('temperature.help')}
            {...LIMITS.temperature}
            value={temperature}
            onChange={(value) => set({ temperature: value })}
          />
          <NumberSetting
            label={w('topK')}
            help={w('topK.help')}
            {...LIMITS.topK}
            step={1}
            value={topK}
            onChange={(value) => set({ topK: value })}
          />
          <NumberSetting
            label={w('topP')}
            help={w('topP.help')}
            {...LIMITS.topP}
            value={topP}
            onChange={(value) => set({ topP: value })}
          />
          <NumberSetting
            label={w('seed')}
            {...LIMITS.seed}
            step={1}
            value={seed}
            onChange={(value) => set({ seed: value })}
          />
          <button type="button" className="quiet" onClick={() => set({ seed: Math.floor(Math.random() * 1e6) })}>
            <Dices size={16} aria-hidden="true" />
            {w('newSeed')}
          </button>
        </div>
      )}
    </form>
  );
}
