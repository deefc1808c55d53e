// Starting: now, in line, or several times with other seeds. A button that cannot start says what is missing and leads there.
import { ListPlus, Play, Repeat } from 'lucide-react';
import { useState } from 'react';
import { randomSeed, requestOf } from '../../store/runSetup';
import { isRunActive } from '../../store/studioState';
import { useStudio, useStudioState } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import type { Missing } from './missing';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

const FEWEST_SEEDS = 2;
const MOST_SEEDS = 20;

/** Goes to the part of the form that has to be mended. */
function leadTo(place: string | null): void {
  if (place === null) return;
  const row = document.querySelector(`[data-place="${CSS.escape(place)}"]`);
  const control = row?.querySelector<HTMLElement>('input, select, textarea, button');
  control?.scrollIntoView({ block: 'center' });
  control?.focus({ preventScroll: true });
}

export function StartButtons({ missing }: { missing: readonly Missing[] }) {
  const { s, t, format, either } = useStudioWords();
  const { queue } = useStudio();
  const { form, recipe } = useForm();
  const isBusy = useStudioState(isRunActive);
  const isStarting = useStudioState((state) => state.run.wish === 'start');
  const isElsewhere = useStudioState((state) => state.queue.isElsewhere);
  const waiting = useStudioState((state) => state.queue.items.length);
  const model = useStudioState((state) => state.model.info?.id);
  const startError = useStudioState((state) => state.run.startError);
  const [seeds, setSeeds] = useState(3);
  const first = missing[0];
  const cannotQueue = isElsewhere;

  const withSeed = () => requestOf(form, form.seed ?? randomSeed(), model);
  const start = () => {
    if (first) leadTo(first.place);
    else if (isBusy) queue.add([{ request: withSeed(), name: '', group: null }]);
    else void queue.startNow({ request: withSeed(), name: '', group: null });
  };
  const repeat = () => {
    if (first) return leadTo(first.place);
    const from = form.seed ?? randomSeed() % 1000;
    const length =
      form.steps === null ? s('ready.minutes', { n: form.minutes ?? 0 }) : s('ready.steps', { n: form.steps });
    const date = format.date(new Date().toISOString());
    const group = s('group.name', { recipe: recipe ? either(recipe.title) : form.recipe, length, n: seeds, date });
    queue.add(
      Array.from({ length: seeds }, (_, i) => ({ request: requestOf(form, from + i, model), name: '', group })),
    );
  };
  return (
    <div className="start-buttons">
      <div className="actions">
        <button
          type="button"
          className={first ? 'large' : 'primary large'}
          disabled={isStarting || (isBusy && cannotQueue && !first)}
          onClick={start}
        >
          {isBusy && !first ? <ListPlus size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
          {first ? first.words : isStarting ? s('start.starting') : isBusy ? s('start.queue') : s('start.now')}
        </button>
        {!isBusy && !first && !cannotQueue && (
          <button type="button" onClick={() => queue.add([{ request: withSeed(), name: '', group: null }])}>
            <ListPlus size={16} aria-hidden="true" />
            {s('start.queue')}
          </button>
        )}
      </div>
      {missing.length > 1 && (
        <ul className="missing-list">
          {missing.slice(1).map(({ words, place }) => (
            <li key={words}>
              <button type="button" className="quiet" onClick={() => leadTo(place)}>
                {words}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="actions repeat">
        <label>
          {s('start.seeds')}
          <input
            type="number"
            min={FEWEST_SEEDS}
            max={MOST_SEEDS}
            value={seeds}
            onChange={({ target }) => {
              const wanted = Math.round(Number(target.value));
              if (wanted >= FEWEST_SEEDS && wanted <= MOST_SEEDS) setSeeds(wanted);
            }}
          />
        </label>
        <button type="button" disabled={cannotQueue} onClick={repeat}>
          <Repeat size={16} aria-hidden="true" />
          {s('start.repeat', { n: seeds })}
        </button>
      </div>
      <p className="note">{s('start.repeatHelp')}</p>
      <p className="note" role="status">
        {isBusy && s(cannotQueue ? 'start.busyElsewhere' : 'start.busy')}{' '}
        {waiting > 0 && s('start.added', { n: waiting })}
      </p>
      {startError && <ErrorPanel title={t('error.start')} error={startError} />}
    </div>
  );
}
