// One run of the list: what it is called, how it stands, its curve, what it gained; details unfold beneath.
import { ChevronDown, ChevronRight, Play } from 'lucide-react';
import { useId, useState } from 'react';
import type { StoredRunSummary } from '../../../store/library';
import { canGoOn, isElsewhere } from '../../../store/resumable';
import { isModelReady, isRunActive } from '../../../store/studioState';
import { hrefOfComparison } from '../../compare/compareChoice';
import { words as compareWords } from '../../compare/words';
import { useScreenWords } from '../../i18n/screenWords';
import { RunControls } from '../../lesson/RunControls';
import { hrefOf } from '../../place';
import { useStudio, useStudioState } from '../../studioContext';
import { taskInWords } from '../taskWords';
import { useStudioWords } from '../useStudioWords';
import { RunDetails } from './RunDetails';
import { Sparkline } from './Sparkline';
import { useEvaluations } from './useEvaluations';

/** Status and step of a run: what the worker last said where it is at work, else what is stored. */
function useStanding(stored: StoredRunSummary) {
  const id = stored.config.id;
  const live = useStudioState((state) =>
    state.run.run?.config.id === id && state.run.run.live ? state.run.run : null,
  );
  const totals = live?.result ?? stored.result;
  return {
    isLive: live !== null,
    status: live?.status ?? stored.status,
    step: live?.step ?? stored.step,
    seconds: totals?.seconds ?? (live ? live.secondsElapsed : null),
  };
}

function Outcome({ stored }: { stored: StoredRunSummary }) {
  const { s, format } = useStudioWords();
  const { result } = stored;
  if (!result) return <span className="note">{s('runs.noTest')}</span>;
  const { delta, deltaInterval, n } = result.after.greedy;
  return (
    <span>
      <strong>
        {s('runs.delta')} {format.points(delta)}
      </strong>
      <small>
        ({format.points(deltaInterval.low)} … {format.points(deltaInterval.high)}, {s('runs.n', { n })})
      </small>
    </span>
  );
}

export function RunRow({ stored }: { stored: StoredRunSummary }) {
  const { s, t, format, either } = useStudioWords();
  const c = useScreenWords(compareWords);
  const studio = useStudio();
  const isReady = useStudioState(isModelReady);
  const isActive = useStudioState(isRunActive);
  const mine = useStudioState((state) => state.run.mine);
  const recipes = useStudioState((state) => state.recipes);
  const evaluations = useEvaluations(stored);
  const { isLive, status, step, seconds } = useStanding(stored);
  const [isOpen, setIsOpen] = useState(false);
  const detailsId = useId();
  const { config, label } = stored;
  const recipe = recipes.find(({ id }) => id === config.recipe);
  const name = label?.name || s('runs.unnamed', { date: format.date(config.createdAt) });
  const hidden = <span className="visually-hidden"> {name}</span>;
  const last = evaluations.at(-1);
  const isAtWork = isLive && (status === 'running' || status === 'paused');
  const canResume = !isActive && canGoOn(stored, mine);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li className="run-row" data-status={status}>
      <div className="run-line">
        <div className="run-name">
          <a href={hrefOf('run', config.id)} onClick={() => !isActive && void studio.runs.show(config.id)}>
            {name}
          </a>
          {label?.tags.map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
          <p className="note">
            {[
              recipe ? either(recipe.title) : config.recipe,
              taskInWords(s, config),
              s('runs.seed', { seed: config.seed }),
              label?.name ? format.date(config.createdAt) : '',
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </p>
        </div>
        <div className="run-status">
          <span>{t(`run.status.${status}`)}</span>
          {stored.stopReason && <p className="note">{s('runs.early')}</p>}
          <p className="note">
            {s('runs.stepOf', { step: format.number(step), total: format.number(config.totalSteps) })}
            {seconds !== null && ` · ${format.duration(seconds)}`}
          </p>
        </div>
        <div className="run-curve">
          <Sparkline evaluations={evaluations} totalSteps={config.totalSteps} />
          {last && (
            <span>
              <span className="number">{format.percent(last.greedy.accuracyT2, 0)}</span>
              <small className="under">{s('runs.secondRight')}</small>
            </span>
          )}
        </div>
        <div className="run-outcome">
          <Outcome stored={stored} />
        </div>
        <div className="actions">
          <a className="compare-link" href={hrefOfComparison([config.id])}>
            {c('link.studio')}
            {hidden}
          </a>
          {canResume && (
            <button
              type="button"
              className="quiet"
              disabled={!isReady}
              onClick={() => void studio.runs.continueStored(config.id)}
            >
              <Play size={16} aria-hidden="true" />
              {s('runs.resume')}
              {hidden}
            </button>
          )}
          <button
            type="button"
            className="quiet"
            aria-expanded={isOpen}
            aria-controls={detailsId}
            onClick={() => setIsOpen(!isOpen)}
          >
            <Chevron size={16} aria-hidden="true" />
            {s(isOpen ? 'runs.hide' : 'runs.details')}
            {hidden}
          </button>
        </div>
      </div>
      {isAtWork && <RunControls />}
      <div id={detailsId} hidden={!isOpen}>
        {isOpen && <RunDetails stored={stored} canDelete={!isAtWork && !isElsewhere(stored, mine)} />}
      </div>
    </li>
  );
}
