// Model, task, recipe, and the recipe's own settings.
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { LESSON_FORM, TASK_LEVELS, type TaskName } from '../../protocol/runForm';
import { ModelPicker } from '../lesson/ModelPicker';
import { ModelStatus } from '../lesson/ModelStatus';
import { useStudioState } from '../studioContext';
import { InTurn } from '../ui/InTurn';
import { Segments } from '../ui/Segments';
import { useGrowth } from '../ui/useTurn';
import { FieldRow } from './FieldRow';
import { Row } from './Row';
import { taskInWords } from './taskWords';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

function ModelLine() {
  const { s } = useStudioWords();
  const isGone = useStudioState((state) => state.model.info === null);
  return (
    <div className="form-row">
      <div className="form-words">
        <p className="row-title">{s('model.title')}</p>
        {isGone && <p>{s('model.none')}</p>}
        <ModelStatus />
        <ModelPicker />
      </div>
    </div>
  );
}

const taskGroups = [
  { task: 'dial', label: 'task.dialGroup' },
  { task: 'left', label: 'task.leftGroup' },
  { task: 'arithmetic', label: 'task.arithmeticGroup' },
] as const satisfies readonly { task: TaskName; label: string }[];

function TaskAndRecipe() {
  const { s, either } = useStudioWords();
  const { form, recipes, recipe, change } = useForm();
  const choose = (value: string) => {
    const [name, level] = value.split(' ');
    const group = taskGroups.find(({ task }) => task === name);
    if (group) change({ task: group.task, level: Number(level) });
  };
  return (
    <>
      <Row
        place="run.level"
        label={s('task.title')}
        help={s('task.help')}
        isChanged={form.level !== LESSON_FORM.level || (form.task ?? 'dial') !== 'dial'}
        otherwise={taskInWords(s, LESSON_FORM)}
        onReset={() => change({ task: LESSON_FORM.task, level: LESSON_FORM.level })}
      >
        {(ids) => (
          <select
            {...ids}
            value={`${form.task ?? 'dial'} ${form.level}`}
            onChange={({ target }) => choose(target.value)}
          >
            {taskGroups.map(({ task, label }) => (
              <optgroup key={task} label={s(label)}>
                {TASK_LEVELS[task].map((level) => (
                  <option key={level} value={`${task} ${level}`}>
                    {taskInWords(s, { task, level })}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        )}
      </Row>
      <Row place="run.recipe" label={s('recipe.title')} help={recipe ? recipe.paper : s('recipe.none')}>
        {(ids) => (
          <select
            {...ids}
            value={recipe ? form.recipe : ''}
            onChange={({ target }) => change({ recipe: target.value, settings: {} })}
          >
            {!recipe && <option value="">–</option>}
            {recipes.map(({ id, title }) => (
              <option key={id} value={id}>
                {either(title)}
              </option>
            ))}
          </select>
        )}
      </Row>
    </>
  );
}

/** Rows drawn in one task. */
const AT_A_TIME = 4;

function RecipeFields() {
  const { s } = useStudioWords();
  const { form, recipe, faults, change, changeSetting } = useForm();
  const [view, setView] = useState<'simple' | 'all'>('simple');
  const fields = recipe?.fields ?? [];
  // What was changed is never out of sight.
  const shown = fields.filter(({ name, advanced }) => view === 'all' || !advanced || name in form.settings);
  const hidden = fields.length - shown.length;
  const drawn = useGrowth(shown.length, AT_A_TIME);
  return (
    <section className="form-part" aria-labelledby="studio-settings">
      <div className="part-head">
        <h3 id="studio-settings">{s('settings.title')}</h3>
        <Segments<'simple' | 'all'>
          label={s('settings.view')}
          options={[
            { value: 'simple', label: s('settings.simple') },
            { value: 'all', label: s('settings.all') },
          ]}
          value={view}
          onChange={setView}
        />
        {Object.keys(form.settings).length > 0 && (
          <button type="button" className="quiet" onClick={() => change({ settings: {} })}>
            <RotateCcw size={16} aria-hidden="true" />
            {s('settings.resetAll')}
          </button>
        )}
      </div>
      {shown.slice(0, drawn).map((field) => (
        <FieldRow
          key={`${form.recipe} ${field.name}`}
          field={field}
          value={form.settings[field.name] ?? field.default}
          isFaulty={faults.some(({ place }) => place === field.name)}
          onChange={(value) => changeSetting(field, value)}
        />
      ))}
      {hidden > 0 && <p className="note">{s('settings.hidden', { n: hidden })}</p>}
    </section>
  );
}

export function RecipeSettings() {
  const { s } = useStudioWords();
  return (
    <>
      <section className="form-part" aria-label={s('recipe.title')}>
        <ModelLine />
        <TaskAndRecipe />
      </section>
      <InTurn>
        <RecipeFields />
      </InTurn>
    </>
  );
}
