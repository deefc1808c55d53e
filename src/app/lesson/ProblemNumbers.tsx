// A problem in large type: numbers that can be changed, and what is true of them. NaN stands for a field that is empty.
import { useEffect, useState } from 'react';
import { areValidNumbers, countSolutions, LARGEST, SMALLEST } from '../../store/dialFacts';
import { useWords } from '../studioContext';

const toText = (numbers: readonly number[]) => numbers.map((number) => (Number.isNaN(number) ? '' : String(number)));
const toNumbers = (texts: readonly string[]) => texts.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));

interface ProblemNumbersProps {
  /** null: none was drawn yet */
  numbers: readonly number[] | null;
  onEdit(numbers: number[]): void;
}

export function ProblemNumbers({ numbers, onEdit }: ProblemNumbersProps) {
  const { t } = useWords();
  const [drafts, setDrafts] = useState<string[]>([]);

  useEffect(() => {
    // Drawn elsewhere, not typed here. NaN is compared as text, because NaN ≠ NaN.
    if (numbers) setDrafts((now) => (toNumbers(now).join() === numbers.join() ? now : toText(numbers)));
  }, [numbers]);

  const type = (i: number, text: string) => {
    const next = drafts.map((draft, j) => (j === i ? text : draft));
    setDrafts(next);
    onEdit(toNumbers(next));
  };

  const values = toNumbers(drafts);
  const isValid = drafts.length > 0 && areValidNumbers(values);
  const solutions = isValid ? countSolutions(values) : null;
  const isBad = (value: number) => drafts.length > 0 && !areValidNumbers([value]);
  return (
    <fieldset className="problem">
      <legend className="visually-hidden">{t('problem.label')}</legend>
      <div className="problem-numbers">
        {(drafts.length > 0 ? drafts : Array.from({ length: 6 }, () => '')).map((draft, i) => (
          <input
            // biome-ignore lint/suspicious/noArrayIndexKey: a field is its place in the problem
            key={i}
            type="number"
            inputMode="numeric"
            min={SMALLEST}
            max={LARGEST}
            step={1}
            value={draft}
            disabled={drafts.length === 0}
            aria-label={t(i === 0 ? 'problem.startNumber' : 'problem.number', { n: i + 1 })}
            aria-invalid={isBad(values[i])}
            aria-describedby="problem-note"
            onChange={(event) => type(i, event.target.value)}
          />
        ))}
      </div>
      <p id="problem-note" className={drafts.length > 0 && !isValid ? 'note needs-you' : 'note'}>
        {drafts.length === 0 && t('problem.none')}
        {drafts.length > 0 && !isValid && t('problem.outOfRange')}
        {solutions && solutions.right > 0 && t('problem.solutions', { right: solutions.right, all: solutions.all })}
        {solutions && solutions.right === 0 && t('problem.unsolvable')}
      </p>
    </fieldset>
  );
}
