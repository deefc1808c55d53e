// The self-test in words: what was checked, how far the engine is from the truth, how fast a matrix product is.
import { useMemo } from 'react';
import type { OpTestResult } from '../../protocol/events';
import { isRunActive } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { Mark } from '../ui/Mark';
import { Comparison, Speed } from './Speeds';
import { StepBar } from './StepBar';
import { words } from './words';

type Word = keyof typeof words.en;

const isWord = (key: string): key is Word => key in words.en;

function useOpName(): (op: string) => string {
  const w = useScreenWords(words);
  return (op) => (isWord(`op.${op}`) ? w(`op.${op}` as Word) : op);
}

/** Small shares as powers of ten: 0.0000044 → 4.4 × 10⁻⁶. */
function inPowers(value: number, number: (value: number, digits?: number) => string): string {
  if (value === 0) return number(0);
  const exponent = Math.floor(Math.log10(value));
  const superscript = String(Math.abs(exponent)).replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]);
  return `${number(value / 10 ** exponent, 1)}\u00a0×\u00a010${exponent < 0 ? '⁻' : ''}${superscript}`;
}

function Verdict({ results }: { results: readonly OpTestResult[] }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const opName = useOpName();
  const checks = results.reduce((sum, result) => sum + result.checks, 0);
  const failed = results.reduce((sum, { failures }) => sum + failures.length, 0);
  const worst = results.reduce((a, b) => (b.largestError > a.largestError ? b : a));
  return (
    <p className={failed > 0 ? 'needs-you' : undefined}>
      <Mark right={failed === 0} />{' '}
      {failed > 0
        ? w('test.failed', { failed: format.number(failed), checks: format.number(checks) })
        : w('test.passed', {
            checks: format.number(checks),
            ops: format.number(results.length),
            error: inPowers(worst.largestError, format.number),
            op: opName(worst.op),
          })}
    </p>
  );
}

function ResultTable({ results }: { results: readonly OpTestResult[] }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const opName = useOpName();
  return (
    <table className="op-results">
      <thead>
        <tr>
          <th scope="col">{w('test.op')}</th>
          <th scope="col">{w('test.checks')}</th>
          <th scope="col">{w('test.error')}</th>
          <th scope="col">{w('test.outcome')}</th>
        </tr>
      </thead>
      <tbody>
        {results.map(({ op, checks, failures, largestError }) => (
          <tr key={op}>
            <th scope="row">{opName(op)}</th>
            <td>{format.number(checks)}</td>
            <td>{inPowers(largestError, format.number)}</td>
            <td>
              <Mark right={failures.length === 0} /> {w(failures.length === 0 ? 'test.ok' : 'test.bad')}
              {failures.map((failure) => (
                <p key={failure} className="note" lang="en">
                  {failure}
                </p>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function SelfTest() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const { status, backend, results, total, speeds, profile, error } = useStudioState((state) => state.selfTest);
  const speed = backend && speeds[backend];
  const isReady = useStudioState((state) => state.engine.phase === 'ready' && !state.workerFault);
  const isPractising = useStudioState((state) => isRunActive(state) && state.run.run?.status === 'running');
  const isRunning = status === 'running';
  const label = useMemo(() => {
    if (!isReady) return w('test.notReady');
    if (!isRunning) return w(status === 'never' ? 'test.start' : 'test.again');
    if (total === null) return w('test.beginning');
    return w('test.running', { done: format.number(results.length), total: format.number(total) });
  }, [isReady, isRunning, status, total, results.length, w, format]);
  return (
    <div className="self-test">
      <h4>{w('test.title')}</h4>
      <p className="note">{w('test.lead')}</p>
      <div className="actions">
        <button type="button" disabled={!isReady || isRunning} onClick={studio.testEngine}>
          {label}
        </button>
        {isRunning && total !== null && <progress value={results.length} max={total} aria-label={label} />}
      </div>
      {isPractising && <p className="note">{w('test.whileRunning')}</p>}
      <div role="status" className="self-test-outcome">
        {status === 'finished' && results.length > 0 && (
          <>
            <Verdict results={results} />
            {speed && <Speed {...speed} />}
            {backend && <p className="note">{w(backend === 'simd' ? 'test.on.simd' : 'test.on.webgpu')}</p>}
          </>
        )}
      </div>
      {!isRunning && <Comparison speeds={speeds} />}
      {status === 'finished' && profile && <StepBar profile={profile} />}
      {status === 'failed' && <ErrorPanel title={w('test.broken')} error={error} />}
      {results.length > 0 && (
        <details open={results.some(({ failures }) => failures.length > 0)}>
          <summary>{w('test.table')}</summary>
          <ResultTable results={results} />
        </details>
      )}
    </div>
  );
}
