// Runs that wait their turn: the order, what failed and why, holding and going on.
import { ArrowDown, ArrowUp, Pause, Play } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { QueueItem } from '../../../store/notes';
import { useStudio, useStudioState } from '../../studioContext';
import { useStudioWords } from '../useStudioWords';

interface QueueRowProps {
  item: QueueItem;
  isFirst: boolean;
  isLast: boolean;
  onMove(by: number): void;
}

function QueueRow({ item, isFirst, isLast, onMove }: QueueRowProps) {
  const { s, format, either } = useStudioWords();
  const { queue } = useStudio();
  const recipes = useStudioState((state) => state.recipes);
  const isElsewhere = useStudioState((state) => state.queue.isElsewhere);
  const { request, status, error } = item;
  const recipe = recipes.find(({ id }) => id === request.recipe);
  const title = [
    recipe ? either(recipe.title) : request.recipe,
    request.steps === null
      ? s('ready.minutes', { n: request.minutes ?? 0 })
      : s('ready.steps', { n: format.number(request.steps) }),
    s('queue.seed', { seed: request.seed }),
  ].join(', ');
  const name = <span className="visually-hidden"> {title}</span>;
  return (
    <li className="queue-row" data-status={status}>
      <span className="queue-status">{s(`queue.${status}`)}</span>
      <span className="queue-title">
        {title}
        {item.group && <small> {item.group}</small>}
        {error && (
          <span className="fault" lang="en">
            {' '}
            {error}
          </span>
        )}
      </span>
      <span className="actions">
        {status === 'waiting' && !isElsewhere && (
          <>
            <button
              type="button"
              className="quiet"
              data-move={`${item.id} -1`}
              disabled={isFirst}
              onClick={() => onMove(-1)}
            >
              <ArrowUp size={16} aria-hidden="true" />
              <span className="visually-hidden">{s('queue.earlier')}</span>
              {name}
            </button>
            <button
              type="button"
              className="quiet"
              data-move={`${item.id} 1`}
              disabled={isLast}
              onClick={() => onMove(1)}
            >
              <ArrowDown size={16} aria-hidden="true" />
              <span className="visually-hidden">{s('queue.later')}</span>
              {name}
            </button>
          </>
        )}
        {status === 'failed' && !isElsewhere && (
          <button type="button" className="quiet" onClick={() => queue.retry(item.id)}>
            {s('queue.retry')}
            {name}
          </button>
        )}
        {status !== 'running' && !isElsewhere && (
          <button type="button" className="quiet" onClick={() => queue.remove(item.id)}>
            {s('queue.remove')}
            {name}
          </button>
        )}
      </span>
    </li>
  );
}

export function QueuePanel() {
  const { s } = useStudioWords();
  const { queue } = useStudio();
  const { items, isHeld, isElsewhere } = useStudioState((state) => state.queue);
  const lastMove = useRef<{ id: string; by: number } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after every new order
  useEffect(() => {
    if (!lastMove.current) return;
    const { id, by } = lastMove.current;
    lastMove.current = null;
    // A row that is moved loses the focus; at the end of the line its other arrow takes it.
    const arrow = (step: number) =>
      document.querySelector<HTMLButtonElement>(`[data-move="${CSS.escape(id)} ${step}"]`);
    const [same, other] = [arrow(by), arrow(-by)];
    (same?.disabled ? other : same)?.focus();
  }, [items]);
  const waiting = items.filter(({ status }) => status === 'waiting');
  return (
    <section className="studio-part" aria-labelledby="studio-queue">
      <div className="part-head">
        <h2 id="studio-queue" tabIndex={-1}>
          {s('queue.title')}
        </h2>
        {!isElsewhere && !isHeld && waiting.length > 0 && (
          <button type="button" className="quiet" onClick={queue.hold}>
            <Pause size={16} aria-hidden="true" />
            {s('queue.hold')}
          </button>
        )}
      </div>
      {isElsewhere && items.length > 0 && <p className="needs-you">{s('queue.elsewhere')}</p>}
      {!isElsewhere && isHeld && items.length > 0 && (
        <div className="actions">
          <p className="needs-you">{s('queue.held')}</p>
          <button type="button" className="primary" onClick={queue.go}>
            <Play size={16} aria-hidden="true" />
            {s('queue.go')}
          </button>
          <p className="note">{s('queue.heldHelp')}</p>
        </div>
      )}
      {items.length === 0 ? (
        <p className="note">{s('queue.empty')}</p>
      ) : (
        <ol className="queue-list">
          {items.map((item) => (
            <QueueRow
              key={item.id}
              item={item}
              isFirst={item === waiting[0]}
              isLast={item === waiting[waiting.length - 1]}
              onMove={(by) => {
                lastMove.current = { id: item.id, by };
                queue.move(item.id, by);
              }}
            />
          ))}
        </ol>
      )}
    </section>
  );
}
