// Base and trained side by side: the same problem, the same seed, both attempts, and what else could have been written.
import { useEffect, useMemo, useState } from 'react';
import type { RunConfig } from '../../protocol/events';
import { areValidNumbers } from '../../store/dialFacts';
import { isAnswering, type Side } from '../../store/playgroundSlice';
import { isModelReady, type StudioState } from '../../store/studioState';
import { ChatPanel } from '../chat/ChatPanel';
import { useScreenWords } from '../i18n/screenWords';
import { readPlace, replaceQuery, usePlace } from '../place';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { InTurn } from '../ui/InTurn';
import { Segments } from '../ui/Segments';
import { AnswerColumn } from './AnswerColumn';
import { type AskableRun, QuestionForm } from './QuestionForm';
import { isSameQuestion, NO_RUN, readQuestion, toQuestion, writeQuestion } from './question';
import { SavedExamples } from './SavedExamples';
import { words } from './words';
import './playground.css';

const USUAL_LEVEL = 6;

/** The run that practises now, once it has learned anything. */
function liveConfig({ run: { run } }: StudioState): RunConfig | null {
  return run?.live && run.status === 'running' && run.step > 0 ? run.config : null;
}

/** Runs of the loaded model that can be asked, newest first. */
function useAskableRuns(): AskableRun[] {
  const stored = useStudioState((state) => state.storedRuns);
  const model = useStudioState((state) => state.model.info?.id);
  const live = useStudioState(liveConfig);
  return useMemo(() => {
    const kept = stored.map(
      ({ config, label, checkpointStep, bestStep = null }): AskableRun => ({
        config,
        name: label?.name || null,
        step: checkpointStep,
        bestStep,
      }),
    );
    const going = live && { config: live, name: null, step: null, bestStep: null };
    const others = kept.filter(({ config, step }) => step !== null && config.id !== live?.id);
    return [...(going ? [going] : []), ...others].filter(({ config }) => config.model === model);
  }, [stored, live, model]);
}

function wroteTheSame(base: Side | null, trained: Side | null): boolean {
  return !!base?.tokens && !!trained?.tokens && JSON.stringify(base.tokens) === JSON.stringify(trained.tokens);
}

function DialQuestion() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const place = usePlace();
  const ready = useStudioState(isModelReady);
  const answering = useStudioState((state) => isAnswering(state.playground));
  const { asked, base, trained } = useStudioState((state) => state.playground);
  const shownRun = useStudioState((state) => state.run.run?.config.id ?? null);
  const lessonNumbers = useStudioState((state) => state.ask.numbers);
  const runs = useAskableRuns();
  const [isDrawing, setIsDrawing] = useState(false);

  const wanted = readQuestion(place);
  const atHand = runs.find(({ config }) => config.id === shownRun) ?? runs[0];
  const run = wanted.run ?? atHand?.config.id ?? NO_RUN;
  const question = toQuestion(wanted, run === NO_RUN ? null : run);

  const putNumbers = (numbers: number[] | null) => {
    const isStillHere = readPlace(window.location.hash).screen === 'playground';
    if (numbers && isStillHere) replaceQuery(writeQuestion({ numbers }));
  };
  const draw = async (level: number) => {
    setIsDrawing(true);
    putNumbers(await studio.playground.draw(level));
    setIsDrawing(false);
  };
  const needsNumbers = wanted.numbers === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when numbers are missing, not whenever `draw` is a new function
  useEffect(() => {
    if (!needsNumbers || !ready) return;
    if (lessonNumbers && areValidNumbers(lessonNumbers)) putNumbers(lessonNumbers);
    else void draw(USUAL_LEVEL);
  }, [needsNumbers, ready]);

  const obstacle = !ready
    ? w('ask.noModel')
    : answering
      ? w('ask.answering')
      : question === null
        ? w('ask.badNumbers')
        : null;
  const about = asked ?? question;
  const aboutRun = runs.find(({ config }) => config.id === about?.runId);
  const isLive = aboutRun?.step === null;
  const marks = place.query.get('marks') !== 'off';
  const isSame = wroteTheSame(base, trained);
  const differ = base?.status === 'finished' && trained?.status === 'finished' && !isSame;
  const compares = differ && marks;
  const detail = about?.runId
    ? w(about.slot === 'best' ? 'side.bestDetail' : isLive ? 'side.liveDetail' : 'side.lastDetail', {
        date: aboutRun ? (aboutRun.name ?? format.date(aboutRun.config.createdAt)) : about.runId,
      })
    : w('side.baseDetail');
  return (
    <div className="playground-grid">
      <QuestionForm
        question={wanted}
        runs={runs}
        run={run}
        obstacle={obstacle}
        canDraw={ready && !isDrawing}
        onDraw={(level) => void draw(level)}
        onAsk={() => question && studio.playground.ask(question)}
      />
      <div className="answers">
        {asked && question && !isSameQuestion(asked, question) && (
          <p className="note answers-note">{w('changed', { numbers: asked.numbers.join(' '), seed: asked.seed })}</p>
        )}
        {isSame && <p className="note answers-note">{w('same')}</p>}
        {differ && (
          <div className="answers-note">
            <label className="mark-differences">
              <input type="checkbox" checked={marks} onChange={() => replaceQuery({ marks: marks ? 'off' : null })} />
              {w('marks')}
            </label>
            {marks && <p className="note">{w('marks.help')}</p>}
          </div>
        )}
        <AnswerColumn
          id="side-base"
          title={w('side.base')}
          detail={w('side.baseDetail')}
          side={base}
          question={asked}
          runId={null}
          compared={compares ? trained : null}
          showsChanges={false}
        />
        <AnswerColumn
          id="side-trained"
          title={w(about?.runId ? 'side.trained' : 'side.baseAgain')}
          detail={detail}
          side={trained}
          question={asked}
          runId={asked?.runId ?? null}
          compared={compares ? base : null}
          showsChanges
        />
      </div>
    </div>
  );
}

const views = ['dial', 'chat'] as const;
type View = (typeof views)[number];

/** Models that were not made for the lesson know nothing of Dial. */
const knowsDial = ({ model }: StudioState) => model.source === 'bundled' || model.source === 'files';

export default function PlaygroundScreen() {
  const w = useScreenWords(words);
  const { query } = usePlace();
  const hasDial = useStudioState(knowsDial);
  const view: View = hasDial ? (views.find((known) => known === query.get('view')) ?? 'dial') : 'chat';
  return (
    <div className="playground">
      <h2>{w('title')}</h2>
      <p className="lead">{w(view === 'dial' ? 'lead' : 'lead.chat')}</p>
      {hasDial && (
        <Segments<View>
          label={w('view')}
          options={views.map((value) => ({ value, label: w(`view.${value}`) }))}
          value={view}
          onChange={(next) => replaceQuery({ view: next === 'dial' ? null : next })}
        />
      )}
      <InTurn key={view}>{view === 'dial' ? <DialQuestion /> : <ChatPanel />}</InTurn>
      <InTurn>
        <SavedExamples />
      </InTurn>
    </div>
  );
}
