// Reward terms as small signed bars round a common zero: to the right is more, to the left is less, a dash is "not scored".
import { useWords } from '../studioContext';

interface SignedBarsProps {
  terms: readonly { name: string; value: number | null }[];
  /** Value at the end of the bar; the same for all bars that are compared. */
  scale: number;
}

export function SignedBars({ terms, scale }: SignedBarsProps) {
  const { t, format } = useWords();
  return (
    <dl className="signed-bars">
      {terms.map(({ name, value }) => {
        const share = value === null ? 0 : Math.min(1, Math.abs(value) / (scale || 1));
        return (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span className="bar" aria-hidden="true">
                {value !== null && value !== 0 && (
                  <i
                    className={value > 0 ? 'up' : 'down'}
                    style={{ width: `${share * 50}%`, [value > 0 ? 'left' : 'right']: '50%' }}
                  />
                )}
              </span>
              <span className="number">{value === null ? t('sample.notScored') : format.signed(value, 2)}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
