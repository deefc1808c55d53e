// What a model would need, before it is fetched; a model that does not fit is refused with what would.
import { useEffect, useRef } from 'react';
import type { ModelEstimate } from '../../protocol/models';
import type { LookedAt } from '../../store/modelsSlice';
import { isRunActive } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { suggestedModels } from './suggestedModels';
import { words } from './words';

const obstacles = {
  memory: 'look.memoryTooLarge',
  architecture: 'look.unknownArchitecture',
  format: 'look.unreadableFormat',
} as const;

/** Bytes of a weight in 16 bits, as these models are published. */
const PUBLISHED_BYTES = 2;
/** Names of suggestions are few, so that one reads them. */
const MOST_NAMES = 3;

/** Suggested models that stay below what this tab may hold, largest first. */
function smallerThan(limit: number): string[] {
  return suggestedModels
    .filter(({ parameters }) => parameters * 1e6 * PUBLISHED_BYTES <= limit)
    .sort((a, b) => b.parameters - a.parameters)
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
}

function Refused({ estimate }: { estimate: ModelEstimate }) {
  const w = useScreenWords(words);
  const { obstacle, limitBytes, choices } = estimate;
  if (!obstacle) return <p className="ready-mark">{w('look.fits')}</p>;
  const names =
    obstacle.kind !== 'memory'
      ? []
      : choices.some(({ fits }) => fits)
        ? choices
            .filter(({ fits }) => fits)
            .slice(-MOST_NAMES)
            .map(({ file }) => file)
        : limitBytes === null
          ? []
          : smallerThan(limitBytes);
  return (
    <ErrorPanel title={w(obstacles[obstacle.kind])} error={{ kind: 'model', message: obstacle.message }}>
      {names.length > 0 && <p>{w('look.smaller', { names: names.join(', ') })}</p>}
    </ErrorPanel>
  );
}

function Choices({ looked, estimate }: { looked: LookedAt; estimate: ModelEstimate }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const { source } = looked;
  if (source.kind !== 'hub' || estimate.choices.length === 0) return null;
  const take = (file: string) => studio.models.look({ ...source, place: { ...source.place, file } }, looked.name);
  return (
    <label className="stacked">
      {w('look.choices')}
      <select value={source.place.file ?? ''} onChange={({ target }) => take(target.value)}>
        {source.place.file === null && <option value="">safetensors</option>}
        {estimate.choices.map(({ file, bytes, fits }) => (
          <option key={file} value={file}>
            {w(fits ? 'look.choice' : 'look.choiceLarge', { file, size: format.bytes(bytes) })}
          </option>
        ))}
      </select>
    </label>
  );
}

const holdingKeys = {
  stored: 'hold.stored',
  Q8_0: 'hold.eight',
  Q4_0: 'hold.four',
  float32: 'hold.floats',
} as const;

/** Fewer bits, less memory: how the matrices lie in memory. */
function HowHeld({ looked, estimate }: { looked: LookedAt; estimate: ModelEstimate }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const { holdings = [] } = estimate;
  if (holdings.length < 2) return null;
  const take = (value: string) => {
    const [usual] = holdings;
    const chosen = holdings.find(({ holding }) => holding === value);
    studio.models.hold(!chosen || chosen === usual ? null : chosen.holding);
  };
  return (
    <label className="stacked">
      {w('hold.title')}
      <select value={looked.holding ?? holdings[0].holding} onChange={({ target }) => take(target.value)}>
        {holdings.map(({ holding, bytes, fits }) => (
          <option key={holding} value={holding} disabled={!fits}>
            {w(fits ? 'look.choice' : 'look.choiceLarge', { file: w(holdingKeys[holding]), size: format.bytes(bytes) })}
          </option>
        ))}
      </select>
      <span className="note">{w('hold.help')}</span>
    </label>
  );
}

function Needs({ looked, estimate }: { looked: LookedAt; estimate: ModelEstimate }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const isBusy = useStudioState(isRunActive);
  const { fetchBytes, fetchSeconds, limitBytes, parameters, architecture, licence, obstacle, holdings = [] } = estimate;
  const held = holdings.find(({ holding }) => holding === looked.holding);
  const residentBytes = held?.bytes ?? estimate.residentBytes;
  const memory =
    residentBytes === null
      ? w('look.unknown')
      : limitBytes === null
        ? format.bytes(residentBytes)
        : w('look.limit', { size: format.bytes(residentBytes), limit: format.bytes(limitBytes) });
  const toFetch =
    fetchBytes === 0
      ? w('look.fetchNone')
      : fetchSeconds == null
        ? format.bytes(fetchBytes)
        : w('look.fetchTime', { size: format.bytes(fetchBytes), time: format.duration(fetchSeconds) });
  const rows: [string, string][] = [
    [w('look.fetch'), toFetch],
    [w('look.memory'), memory],
    [w('look.parameters'), parameters === null ? w('look.unknown') : format.compact(parameters)],
    [w('look.architecture'), architecture ?? w('look.unknown')],
    [w('look.licence'), licence ?? w('look.unknown')],
  ];
  return (
    <>
      <dl className="model-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Choices looked={looked} estimate={estimate} />
      <HowHeld looked={looked} estimate={estimate} />
      <Refused estimate={estimate} />
      <div className="actions">
        <button type="button" className="primary" disabled={isBusy || obstacle !== null} onClick={studio.models.take}>
          {w('look.load')}
        </button>
        <button type="button" className="quiet" onClick={studio.models.lookAway}>
          {w('look.close')}
        </button>
        {isBusy && <span className="note">{w('busy')}</span>}
      </div>
    </>
  );
}

export function LookedAtModel() {
  const w = useScreenWords(words);
  const { t } = useWords();
  const studio = useStudio();
  const looked = useStudioState((state) => state.models.looked);
  const heading = useRef<HTMLHeadingElement>(null);
  const asked = looked?.requestId ?? null;
  useEffect(() => {
    if (asked === null) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  if (!looked) return null;
  return (
    <section className="models-part looked-at" aria-labelledby="models-look">
      <h3 id="models-look" ref={heading} tabIndex={-1}>
        {w('look.title', { name: looked.estimate?.name ?? looked.name })}
      </h3>
      {!looked.estimate && !looked.error && (
        <p className="note" role="status">
          {w('look.reading')}
        </p>
      )}
      {looked.error && (
        <ErrorPanel title={w('look.failed')} error={looked.error}>
          <button type="button" onClick={() => studio.models.look(looked.source, looked.name)}>
            {t('error.tryAgain')}
          </button>
          <button type="button" className="quiet" onClick={studio.models.lookAway}>
            {w('look.close')}
          </button>
        </ErrorPanel>
      )}
      {looked.estimate && <Needs looked={looked} estimate={looked.estimate} />}
    </section>
  );
}
