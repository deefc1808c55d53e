// Greedy or sampled at T = 1: one choice for the charts and the result, always both labelled.
import { usePreferences, useWords } from '../studioContext';
import { Segments } from './Segments';

export function DecodingSwitch() {
  const { t } = useWords();
  const [{ decoding }, setPreferences] = usePreferences();
  return (
    <Segments
      label={t('chart.decoding')}
      options={[
        { value: 'greedy', label: t('chart.greedy') },
        { value: 'sampled', label: t('chart.sampled') },
      ]}
      value={decoding}
      onChange={(value) => setPreferences({ decoding: value })}
    />
  );
}
