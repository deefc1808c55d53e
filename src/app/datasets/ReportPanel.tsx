// Numbers of the dataset: rows, splits, lengths, and the lines that were left out.
import type { DatasetReport } from '../../store/datasetsSlice';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';

type Lengths = NonNullable<DatasetReport['lengths']>;

function Histogram({ lengths }: { lengths: Lengths }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const most = Math.max(...lengths.bins);
  return (
    <figure className="length-bars">
      <figcaption className="note">{w('report.histogram')}</figcaption>
      <ol>
        {lengths.bins.map((count, i) => {
          const from = i * lengths.binWidth;
          const said = w('report.bin', {
            from: format.number(from),
            to: format.number(from + lengths.binWidth - 1),
            n: format.number(count),
          });
          return (
            <li key={from} title={said}>
              <span className="visually-hidden">{said}</span>
              <span className="bar" style={{ blockSize: `${count === 0 ? 0 : Math.max(2, (100 * count) / most)}%` }} />
            </li>
          );
        })}
      </ol>
      <p className="length-axis note" aria-hidden="true">
        <span>0</span>
        <span>{format.number(lengths.bins.length * lengths.binWidth)}</span>
      </p>
    </figure>
  );
}

function Problems({ report }: { report: DatasetReport }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  if (report.problemCount === 0) return null;
  const { problems, problemCount } = report;
  return (
    <details className="line-problems" open={problemCount <= 5}>
      <summary>
        {w('problems.title')} ({format.number(problemCount)})
      </summary>
      <ol lang="en">
        {problems.map(({ line, message }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one line may have several
          <li key={i}>
            <span className="line-number">{format.number(line)}</span> {message}
          </li>
        ))}
      </ol>
      {problemCount > problems.length && (
        <p className="note">
          {w('problems.more', { n: format.number(problems.length), all: format.number(problemCount) })}
        </p>
      )}
    </details>
  );
}

export function ReportPanel({ report }: { report: DatasetReport }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { lengths, splits, model } = report;
  const facts: [label: string, value: string][] = [
    [w('report.usable'), format.number(report.usable)],
    [w('report.problems'), format.number(report.problemCount)],
    [w('report.train'), format.number(splits.train)],
    [w('report.validation'), format.number(splits.validation)],
    [w('report.test'), format.number(splits.test)],
  ];
  if (lengths) {
    facts.push(
      [w('report.median'), format.number(lengths.median)],
      [w('report.p95'), format.number(lengths.p95)],
      [w('report.max'), format.number(lengths.max)],
      [w('report.trained'), format.percent(report.trainedShare)],
    );
  }
  return (
    <section className="data-part" aria-labelledby="data-report">
      <h3 id="data-report">{w('report.title')}</h3>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {lengths && <Histogram lengths={lengths} />}
      {lengths && lengths.measured < report.usable && (
        <p className="note">{w('report.measured', { n: format.number(lengths.measured) })}</p>
      )}
      {model && report.tooLong > 0 && (
        <p className="needs-you">
          {w('report.tooLong', {
            n: format.number(report.tooLong),
            most: format.number(report.maxPositions ?? 0),
            model,
          })}
        </p>
      )}
      {model && report.unknownShare > 0.001 && (
        <p className="needs-you">{w('report.unknown', { share: format.percent(report.unknownShare), model })}</p>
      )}
      <Problems report={report} />
    </section>
  );
}
