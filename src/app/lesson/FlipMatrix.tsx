// The 2×2 of an evaluation: first attempt in rows, second in columns; what stays is quiet, what flips has its colour.
import type { EvalSummary } from '../../protocol/metrics';
import { useWords } from '../studioContext';

/** Shares of all problems; they add up to 1. */
export function matrixOf(summary: EvalSummary) {
  const { accuracyT1, iToC, cToI } = summary;
  return { c_to_c: accuracyT1 - cToI, c_to_i: cToI, i_to_c: iToC, i_to_i: 1 - accuracyT1 - iToC };
}

export function FlipMatrix({ title, summary }: { title: string; summary: EvalSummary }) {
  const { t, format } = useWords();
  const shares = matrixOf(summary);
  const cell = (flip: keyof typeof shares) => (
    <td className={flip}>
      <span className="share">{format.percent(Math.max(0, shares[flip]))}</span>
      <span className="note">{t(`flip.${flip}`)}</span>
    </td>
  );
  return (
    <table className="flip-matrix">
      <caption>
        {title} <span className="note">n = {format.number(summary.n)}</span>
      </caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t('matrix.secondRight')}</th>
          <th scope="col">{t('matrix.secondWrong')}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t('matrix.firstRight')}</th>
          {cell('c_to_c')}
          {cell('c_to_i')}
        </tr>
        <tr>
          <th scope="row">{t('matrix.firstWrong')}</th>
          {cell('i_to_c')}
          {cell('i_to_i')}
        </tr>
      </tbody>
    </table>
  );
}
