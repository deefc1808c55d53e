// When a run may end by itself: nothing gained for some evaluations, or a value too high.
import { useId } from 'react';
import type { EarlyStop } from '../../protocol/stopping';
import { useStudio, useStudioState } from '../studioContext';
import { Segments } from '../ui/Segments';
import { NumberInput } from './NumberInput';
import { Row } from './Row';
import { measuredMetrics, metricName, practiceMetrics } from './stopWords';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

const PATIENCE = { metric: 'eval/accuracy_t2', better: 'higher', evaluations: 4, minDelta: 0.005 } as const;
const CEILING = { metric: 'kl/t2', limit: 5 };
const noRule: EarlyStop = { patience: null, ceiling: null, fromStep: 0 };

function MetricRow({ place, value, onChange }: { place: string; value: string; onChange(metric: string): void }) {
  const { s } = useStudioWords();
  const studio = useStudio();
  // The columns of the run on screen; its id is enough to know when they are others.
  useStudioState((state) => state.run.run?.config.id);
  const columns = studio.series().names();
  const practised = [...new Set([...practiceMetrics, ...columns])].filter(
    (name) => !['step', 'seconds', 'tokens'].includes(name),
  );
  const known = [...practised, ...measuredMetrics.flatMap((name) => [`eval/${name}`, `eval_sampled/${name}`])];
  return (
    <Row place={place} label={s('stop.metric')}>
      {(ids) => (
        <select {...ids} value={value} onChange={({ target }) => onChange(target.value)}>
          {(['eval', 'eval_sampled'] as const).map((group) => (
            <optgroup key={group} label={s(group === 'eval' ? 'stop.measured' : 'stop.measuredSampled')}>
              {measuredMetrics.map((name) => (
                <option key={name} value={`${group}/${name}`}>
                  {metricName(s, `${group}/${name}`)}
                </option>
              ))}
            </optgroup>
          ))}
          <optgroup label={s('stop.practised')}>
            {(known.includes(value) ? practised : [...practised, value]).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </optgroup>
        </select>
      )}
    </Row>
  );
}

interface SwitchProps {
  label: string;
  help?: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

function Switch({ label, help, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch-line">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={({ target }) => onChange(target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {help && (
        <p className="note" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

export function EarlyStopping() {
  const { s } = useStudioWords();
  const { form, faults, change } = useForm();
  const rule = form.earlyStop ?? noRule;
  const { patience, ceiling } = rule;
  const set = (part: Partial<EarlyStop>) => {
    const next = { ...rule, ...part };
    change({ earlyStop: next.patience || next.ceiling ? next : null });
  };
  const fault = faults.find(({ place }) => place === 'run.earlyStop');
  return (
    <section className="form-part" aria-labelledby="studio-stop" data-place="run.earlyStop">
      <h3 id="studio-stop">{s('stop.title')}</h3>
      <Switch
        label={s('stop.patience')}
        checked={patience !== null}
        onChange={(isOn) => set({ patience: isOn ? PATIENCE : null })}
      />
      {patience && (
        <div className="form-nested">
          <MetricRow
            place="run.patience"
            value={patience.metric}
            onChange={(metric) => set({ patience: { ...patience, metric } })}
          />
          <Segments
            label={s('stop.better')}
            labelled
            options={[
              { value: 'higher', label: s('stop.higher') },
              { value: 'lower', label: s('stop.lower') },
            ]}
            value={patience.better}
            onChange={(better) => set({ patience: { ...patience, better } })}
          />
          <Row place="run.evaluations" label={s('stop.evaluations')}>
            {(ids) => (
              <NumberInput
                {...ids}
                value={patience.evaluations}
                onChange={(evaluations) => set({ patience: { ...patience, evaluations } })}
              />
            )}
          </Row>
          <Row place="run.minDelta" label={s('stop.minDelta')} help={s('stop.minDeltaHelp')}>
            {(ids) => (
              <NumberInput
                {...ids}
                value={patience.minDelta}
                onChange={(minDelta) => set({ patience: { ...patience, minDelta } })}
              />
            )}
          </Row>
        </div>
      )}
      <Switch
        label={s('stop.ceiling')}
        help={s('stop.ceilingHelp')}
        checked={ceiling !== null}
        onChange={(isOn) => set({ ceiling: isOn ? CEILING : null })}
      />
      {ceiling && (
        <div className="form-nested">
          <MetricRow
            place="run.ceiling"
            value={ceiling.metric}
            onChange={(metric) => set({ ceiling: { ...ceiling, metric } })}
          />
          <Row place="run.limit" label={s('stop.limit')}>
            {(ids) => (
              <NumberInput
                {...ids}
                value={ceiling.limit}
                onChange={(limit) => set({ ceiling: { ...ceiling, limit } })}
              />
            )}
          </Row>
        </div>
      )}
      {(patience || ceiling) && (
        <Row place="run.fromStep" label={s('stop.fromStep')} help={s('stop.fromHelp')}>
          {(ids) => <NumberInput {...ids} value={rule.fromStep} onChange={(fromStep) => set({ fromStep })} />}
        </Row>
      )}
      {fault && (
        <p className="fault" lang="en">
          {fault.sentence}
        </p>
      )}
    </section>
  );
}
