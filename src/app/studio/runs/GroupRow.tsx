// Runs that differ in their seed only, as one: their mean with its interval, and the runs beneath.
import type { MeanInterval } from '../../../lib/studentT';
import type { RunGroup } from '../../../store/runGroups';
import { hrefOfComparison } from '../../compare/compareChoice';
import { words as compareWords } from '../../compare/words';
import { useScreenWords } from '../../i18n/screenWords';
import { useStudioWords } from '../useStudioWords';
import { RunRow } from './RunRow';

function Share({ measure, isPoints = false }: { measure: MeanInterval; isPoints?: boolean }) {
  const { format } = useStudioWords();
  const say = (value: number) => (isPoints ? format.points(value) : format.percent(value));
  return (
    <td>
      {say(measure.mean)}
      {measure.interval && (
        <small>
          {' '}
          ({say(measure.interval.low)} … {say(measure.interval.high)})
        </small>
      )}
    </td>
  );
}

function GroupMeans({ group }: { group: RunGroup }) {
  const { s, t } = useStudioWords();
  const { greedy, sampled, finished } = group;
  if (!greedy || !sampled) return <p className="note">{s('group.none')}</p>;
  const rows = [
    { name: t('chart.greedy'), measures: greedy },
    { name: t('chart.sampled'), measures: sampled },
  ];
  return (
    <>
      <table className="small-table">
        <caption>{s('group.caption', { n: finished })}</caption>
        <thead>
          <tr>
            <th scope="col">{s('base.answers')}</th>
            <th scope="col">{s('base.first')}</th>
            <th scope="col">{s('base.second')}</th>
            <th scope="col">{s('base.delta')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, measures }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <Share measure={measures.accuracyT1} />
              <Share measure={measures.accuracyT2} />
              <Share measure={measures.delta} isPoints />
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">{finished === 1 ? s('group.one') : s('group.note', { n: finished })}</p>
    </>
  );
}

export function GroupRow({ group }: { group: RunGroup }) {
  const { s } = useStudioWords();
  const c = useScreenWords(compareWords);
  return (
    <li className="group-row">
      <h3>{s('group.title', { name: group.name })}</h3>
      <p className="note">
        {s('group.progress', { finished: group.finished, all: group.runs.length + group.waiting })} ·{' '}
        <a href={hrefOfComparison(group.runs.map(({ config }) => config.id))}>{c('link.group')}</a>
      </p>
      <GroupMeans group={group} />
      <ul className="run-list">
        {group.runs.map((stored) => (
          <RunRow key={stored.config.id} stored={stored} />
        ))}
      </ul>
    </li>
  );
}
