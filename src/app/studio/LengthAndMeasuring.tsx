// How long, from which seed, and how often it is measured and kept.
import { useState } from 'react';
import { FORM_RANGES, type FormNumber, LESSON_FORM } from '../../protocol/runForm';
import { randomSeed } from '../../store/runSetup';
import { Segments } from '../ui/Segments';
import { NumberInput } from './NumberInput';
import { Row } from './Row';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

/** Steps of the quick look: what the length becomes when it is first counted in steps. */
const FIRST_STEPS = 40;

interface NumberRowProps {
  place: FormNumber;
  label: string;
  help: string;
  value: number;
  /** undefined: not to be marked or put back */
  otherwise?: number;
  unit?: string;
  onChange(value: number): void;
}

function NumberRow({ place, label, help, value, otherwise, unit, onChange }: NumberRowProps) {
  const { s, format } = useStudioWords();
  const { faults } = useForm();
  const [min, max] = FORM_RANGES[place];
  const range = { min: String(min), max: format.number(max) };
  return (
    <Row
      place={`run.${place}`}
      label={label}
      help={help}
      facts={otherwise === undefined ? undefined : s('field.default', { value: format.number(otherwise) })}
      isChanged={otherwise !== undefined && value !== otherwise}
      otherwise={otherwise === undefined ? undefined : format.number(otherwise)}
      onReset={otherwise === undefined ? undefined : () => onChange(otherwise)}
      fault={
        faults.some((fault) => fault.place === `run.${place}`)
          ? s(place === 'minutes' ? 'field.outOfRange' : 'field.whole', range)
          : null
      }
    >
      {(ids) => <NumberInput {...ids} value={value} onChange={onChange} unit={unit} />}
    </Row>
  );
}

function Length() {
  const { s } = useStudioWords();
  const { form, change } = useForm();
  // What the other unit said before, so that switching to and fro loses nothing.
  const [other, setOther] = useState<{ steps: number; minutes: number }>({ steps: FIRST_STEPS, minutes: 5 });
  const unit = form.steps === null ? 'minutes' : 'steps';
  const choose = (next: 'steps' | 'minutes') => {
    setOther({ steps: form.steps ?? other.steps, minutes: form.minutes ?? other.minutes });
    change(next === 'steps' ? { steps: other.steps, minutes: null } : { steps: null, minutes: other.minutes });
  };
  return (
    <>
      <Segments
        label={s('length.in')}
        options={[
          { value: 'minutes', label: s('length.minutes') },
          { value: 'steps', label: s('length.steps') },
        ]}
        value={unit}
        onChange={choose}
        labelled
      />
      {form.steps === null ? (
        <NumberRow
          place="minutes"
          label={s('length.minutes')}
          help={s('length.minutesHelp')}
          value={form.minutes ?? Number.NaN}
          otherwise={LESSON_FORM.minutes ?? undefined}
          onChange={(minutes) => change({ minutes })}
        />
      ) : (
        <NumberRow
          place="steps"
          label={s('length.steps')}
          help={s('length.stepsHelp')}
          value={form.steps}
          onChange={(steps) => change({ steps })}
        />
      )}
    </>
  );
}

function Seed() {
  const { s } = useStudioWords();
  const { form, change } = useForm();
  if (form.seed !== null) {
    return (
      <>
        <NumberRow
          place="seed"
          label={s('seed.label')}
          help={s('seed.help')}
          value={form.seed}
          onChange={(seed) => change({ seed })}
        />
        <button type="button" className="quiet" onClick={() => change({ seed: null })}>
          {s('field.reset', { value: s('seed.random') })}
        </button>
      </>
    );
  }
  return (
    <Row place="run.seed" label={s('seed.label')} help={s('seed.help')}>
      {(ids) => (
        <button type="button" id={ids.id} onClick={() => change({ seed: randomSeed() % 1000 })}>
          {s('seed.random')}
          <small>{s('seed.fix')}</small>
        </button>
      )}
    </Row>
  );
}

export function LengthAndMeasuring() {
  const { s } = useStudioWords();
  const { form, change } = useForm();
  const { evaluation } = form;
  const measure = (part: Partial<typeof evaluation>) => change({ evaluation: { ...evaluation, ...part } });
  return (
    <>
      <section className="form-part" aria-labelledby="studio-length">
        <h3 id="studio-length">{s('length.title')}</h3>
        <Length />
        <Seed />
      </section>
      <section className="form-part" aria-labelledby="studio-measure">
        <h3 id="studio-measure">{s('measure.title')}</h3>
        <NumberRow
          place="every"
          label={s('measure.every')}
          help={s('measure.everyHelp')}
          value={evaluation.every}
          otherwise={LESSON_FORM.evaluation.every}
          unit={s('unit.steps')}
          onChange={(every) => measure({ every })}
        />
        <NumberRow
          place="problems"
          label={s('measure.problems')}
          help={s('measure.problemsHelp')}
          value={evaluation.problems}
          otherwise={LESSON_FORM.evaluation.problems}
          onChange={(problems) => measure({ problems })}
        />
        <NumberRow
          place="testProblems"
          label={s('measure.testProblems')}
          help={s('measure.testHelp')}
          value={evaluation.testProblems}
          otherwise={LESSON_FORM.evaluation.testProblems}
          onChange={(testProblems) => measure({ testProblems })}
        />
        <NumberRow
          place="checkpointEvery"
          label={s('measure.checkpoint')}
          help={s('measure.checkpointHelp')}
          value={form.checkpointEvery}
          otherwise={LESSON_FORM.checkpointEvery}
          unit={s('unit.steps')}
          onChange={(checkpointEvery) => change({ checkpointEvery })}
        />
      </section>
    </>
  );
}
