// What will happen, where, how long and with how much memory, before it happens.
import { CircleAlert, CircleCheck, RotateCcw } from 'lucide-react';
import type { RunPlan } from '../../protocol/events';
import { changesOf, LESSON_FORM } from '../../protocol/runForm';
import { estimateMemory, estimateTime } from '../../store/estimate';
import { useStudio, useStudioState } from '../studioContext';
import { type Missing, missingParts, partName } from './missing';
import { StartButtons } from './StartButtons';
import { ruleInWords } from './stopWords';
import { taskInWords } from './taskWords';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

function useMissing(): Missing[] {
  const words = useStudioWords();
  const onScreen = useForm();
  const engine = useStudioState((state) => state.engine);
  const model = useStudioState((state) => state.model);
  const workerFault = useStudioState((state) => state.workerFault);
  const setup = useStudioState((state) => state.setup);
  return missingParts({ engine, model, workerFault, setup }, onScreen, words);
}

function What() {
  const { s, either, format } = useStudioWords();
  const { form, recipe } = useForm();
  const length =
    form.steps === null
      ? s('ready.minutes', { n: format.number(form.minutes ?? 0, Number.isInteger(form.minutes) ? 0 : 1) })
      : s('ready.steps', { n: format.number(form.steps) });
  return (
    <div>
      <dt>{s('ready.what')}</dt>
      <dd>
        {s('ready.whatText', {
          recipe: recipe ? either(recipe.title) : '–',
          task: taskInWords(s, form),
          length,
          seed: form.seed === null ? s('ready.newSeed') : s('ready.seed', { n: form.seed }),
        })}
        {recipe && <p className="note">{s('ready.paper', { paper: recipe.paper })}</p>}
      </dd>
    </div>
  );
}

function Needs({ plan, modelId }: { plan: RunPlan; modelId: string }) {
  const { s, format } = useStudioWords();
  const { form } = useForm();
  const runs = useStudioState((state) => state.storedRuns);
  const backend = useStudioState((state) => state.engine.info?.backend ?? 'simd');
  const parameters = useStudioState((state) => state.model.info?.parameters ?? 0);
  const memory = estimateMemory(form, plan, runs, modelId, backend);
  const time = estimateTime(form, plan, runs, modelId, backend);
  const parts = {
    total: format.megabytes(memory.total),
    weights: format.megabytes(plan.weightBytes),
    trained: format.megabytes(plan.trainedBytes),
    batch: format.megabytes(plan.batchBytes ?? 0),
    cache: format.megabytes(plan.cacheBytes ?? 0),
  };
  return (
    <>
      <div>
        <dt>{s('ready.trains')}</dt>
        <dd>
          {s('ready.trainsText', {
            trained: format.number(plan.trainedParameters),
            all: format.number(parameters),
          })}
        </dd>
      </div>
      <div>
        <dt>{s('ready.memory')}</dt>
        <dd>
          {s(memory.isWhole ? 'ready.memoryText' : 'ready.memoryPart', parts)}
          {plan.thrift && (
            <p className="note">
              {s('ready.thriftRecompute')}
              {plan.thrift.positionsAtOnce !== null &&
                ` ${s('ready.thriftParts', { positions: format.number(plan.thrift.positionsAtOnce) })}`}
            </p>
          )}
          <p className="note">
            {memory.measured
              ? s('ready.memoryMeasured', {
                  date: format.date(memory.measured.from.config.createdAt),
                  bytes: format.megabytes(memory.measured.bytes),
                })
              : s('ready.memoryUnmeasured')}
          </p>
        </dd>
      </div>
      <div>
        <dt>{s('ready.time')}</dt>
        <dd>
          {time
            ? s(form.earlyStop ? 'ready.timeAtMost' : 'ready.timeText', { time: format.duration(time.seconds) })
            : form.minutes !== null
              ? s('ready.timeText', { time: format.duration(form.minutes * 60) })
              : s('ready.timeUnknown')}
          {time && form.steps === null && `, ${s('ready.timeSteps', { steps: format.number(time.steps) })}`}
          {time && <p className="note">{s('ready.timeFrom', { date: format.date(time.from.config.createdAt) })}</p>}
        </dd>
      </div>
    </>
  );
}

function Changes() {
  const words = useStudioWords();
  const { s } = words;
  const onScreen = useForm();
  const { form, change } = onScreen;
  const changes = changesOf(form);
  const names = changes.map((name) => partName(name, onScreen, words)).join(', ');
  return (
    <div>
      <dt>{s('ready.changed')}</dt>
      <dd>
        {changes.length === 0 ? s('ready.changedNone') : s('ready.changedText', { n: changes.length, names })}
        {changes.length > 0 && (
          <button type="button" className="quiet" onClick={() => change({ ...LESSON_FORM, recipe: form.recipe })}>
            <RotateCcw size={16} aria-hidden="true" />
            {s('ready.resetAll')}
          </button>
        )}
      </dd>
    </div>
  );
}

function Habits() {
  const { s, format } = useStudioWords();
  const { form } = useForm();
  const { every, problems, testProblems } = form.evaluation;
  const say = (value: number) => (Number.isFinite(value) ? format.number(value) : '–');
  return (
    <>
      <div>
        <dt>{s('ready.measures')}</dt>
        <dd>
          {s(`${testProblems === 0 ? 'ready.measuresNoTest' : 'ready.measuresText'}${every === 1 ? '1' : ''}`, {
            every: say(every),
            problems: say(problems),
            test: say(testProblems),
          })}
        </dd>
      </div>
      <div>
        <dt>{s('ready.stops')}</dt>
        <dd>{ruleInWords(s, form.earlyStop)}</dd>
      </div>
    </>
  );
}

export function Readiness() {
  const { s } = useStudioWords();
  const { options } = useStudio();
  const missing = useMissing();
  const { faults } = useForm();
  const plan = useStudioState((state) => state.setup.plan);
  const planError = useStudioState((state) => state.setup.planError);
  const info = useStudioState((state) => state.engine.info);
  const modelId = useStudioState((state) => state.model.info?.id ?? null);
  const isUnkept = useStudioState((state) => state.storageFault !== null);
  const isReady = missing.length === 0;
  const Icon = isReady ? CircleCheck : CircleAlert;
  return (
    <section className="studio-card" aria-labelledby="studio-ready">
      <div className="part-head">
        <h3 id="studio-ready">{s('ready.title')}</h3>
        <p className={isReady ? 'ready-mark' : 'ready-mark needs-you'} role="status">
          <Icon size={16} aria-hidden="true" />
          {s(isReady ? 'ready.ready' : 'ready.notReady')}
        </p>
      </div>
      <dl className="ready-list">
        <What />
        <div>
          <dt>{s('ready.where')}</dt>
          <dd>
            {info === null
              ? '–'
              : info.backend === 'webgpu'
                ? s('ready.webgpu')
                : s('ready.simd', { threads: options.threads ?? info.threads })}
          </dd>
        </div>
        {plan && modelId && <Needs plan={plan} modelId={modelId} />}
        {!plan && !planError && (
          <div>
            <dt>{s('ready.memory')}</dt>
            <dd className="note">{s('ready.working')}</dd>
          </div>
        )}
        <Habits />
        <Changes />
      </dl>
      {planError && faults.length === 0 && (
        <p className="fault" lang="en">
          {planError.message}
        </p>
      )}
      {isUnkept && <p className="needs-you">{s('ready.storage')}</p>}
      <StartButtons missing={missing} />
    </section>
  );
}
