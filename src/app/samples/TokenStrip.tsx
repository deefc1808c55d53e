// The tokens of an answer as a heat strip (how far the policy has moved from the reference at each) and as a table.
import { useState } from 'react';
import type { TokenTrace } from '../../protocol/trace';
import { useWords } from '../studioContext';
import { Segments } from '../ui/Segments';

const HEATS = ['kl', 'logProb', 'refLogProb', 'difference', 'entropy'] as const;
type Heat = (typeof HEATS)[number];

/** null where it was not computed. Log-prob is shown as surprise, −log p, so that more is always hotter. */
function heatOf(token: TokenTrace, heat: Heat): number | null {
  if (heat === 'kl' || heat === 'entropy') return token[heat];
  if (heat !== 'difference') return token[heat] === null ? null : -token[heat];
  return token.logProb === null || token.refLogProb === null ? null : token.logProb - token.refLogProb;
}

const heatKeys = {
  kl: 'token.kl',
  logProb: 'token.surprise',
  refLogProb: 'token.refSurprise',
  difference: 'token.difference',
  entropy: 'token.entropy',
} as const;

export function TokenStrip({ tokens, name }: { tokens: readonly TokenTrace[]; name: string }) {
  const { t, format } = useWords();
  const [chosen, setHeat] = useState<Heat>('kl');
  // A measurement has no KL: then the first that was computed.
  const heat = [chosen, ...HEATS].find((one) => tokens.some((token) => heatOf(token, one) !== null)) ?? 'kl';
  const values = tokens.map((token) => heatOf(token, heat));
  const most = Math.max(1e-6, ...values.map((value) => Math.abs(value ?? 0)));
  const cell = (value: number | null) => (value === null ? '–' : format.number(value, 3));
  return (
    <>
      <Segments<Heat>
        label={t('token.heat')}
        options={HEATS.filter((value) => tokens.some((token) => heatOf(token, value) !== null)).map((value) => ({
          value,
          label: t(heatKeys[value]),
        }))}
        value={heat}
        onChange={setHeat}
      />
      {/* The same numbers stand in the table below; the strip is for the eye. */}
      <div className="token-strip" aria-hidden="true">
        {tokens.map((token, i) => {
          const value = values[i] ?? 0;
          const share = Math.abs(value) / most;
          return (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the answer
              key={i}
              className={value < 0 ? 'below' : 'above'}
              style={{ ['--heat' as string]: `${Math.round(share * 45)}%` }}
              title={values[i] === null ? '–' : format.signed(value, 3)}
            >
              {token.text}
            </span>
          );
        })}
        <span className="note">{t('token.most', { value: format.number(most, 3) })}</span>
      </div>
      <details>
        <summary>{t('token.table')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section className="table-scroll" tabIndex={0} aria-label={`${t('token.table')}: ${name}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('token.token')}</th>
                <th scope="col">{t('token.logProb')}</th>
                <th scope="col">{t('token.refLogProb')}</th>
                <th scope="col">{t('token.kl')}</th>
                <th scope="col">{t('token.entropy')}</th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the answer
                <tr key={i}>
                  <th scope="row" className="model-text">
                    {token.text}
                  </th>
                  <td>{cell(token.logProb)}</td>
                  <td>{cell(token.refLogProb)}</td>
                  <td>{cell(token.kl)}</td>
                  <td>{cell(token.entropy)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <p className="note">{t('token.unit')}</p>
      </details>
    </>
  );
}
