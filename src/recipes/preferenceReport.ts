// What a step over pairs tells, by TRL's names. `rewards/accuracies` counts strictly larger ones: 0 when policy and reference agree.
import type { MetricRow } from '../protocol/events';
import { meanAndDeviation } from '../train/advantages';
import type { PreferenceOutcome } from '../train/preferenceLosses';

export function preferenceMetrics({ chosen, rejected }: PreferenceOutcome): MetricRow {
  const margins = chosen.map((reward, p) => reward - rejected[p]);
  return {
    'rewards/chosen': meanAndDeviation(chosen).mean,
    'rewards/rejected': meanAndDeviation(rejected).mean,
    'rewards/margins': meanAndDeviation(margins).mean,
    'rewards/accuracies': margins.filter((margin) => margin > 0).length / margins.length,
  };
}
