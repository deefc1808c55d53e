// A lesson as events, for tests of the stores and screens. Made up, deterministic, and never part of the page.
import { answerText, promptText, readAnswer, type Sign, verifyAnswer } from '../../lib/dialProblem';
import type { AttemptView, Evaluation, RunConfig, RunEvent, StudioEvent } from '../../protocol/events';
import { expandTrace } from '../../protocol/expandTrace';
import type { EvalSummary, Interval } from '../../protocol/metrics';
import type { TraceChunk } from '../../protocol/trace';

export const engineStarted: StudioEvent = {
  type: 'engine.started',
  backend: 'simd',
  reason: 'no_webgpu',
  adapter: null,
  threads: 2,
  isolated: true,
  relaxedSimd: true,
};

export const modelLoaded: StudioEvent = {
  type: 'model.loaded',
  id: 'dial-llama',
  parameters: 824_000,
  bytes: 1_700_000,
  layers: 4,
  hidden: 128,
  vocabulary: 160,
};

export const problem = [7, 3, 11, 5, 2, 8];
/** lands on 0 */
const rightSigns: Sign[] = ['+', '-', '-', '+', '-'];
/** lands on 8 */
const wrongSigns: Sign[] = ['+', '-', '-', '-', '-'];

function attemptOf(signs: Sign[], numbers = problem): AttemptView {
  const text = answerText({ numbers, times: false }, signs);
  const { start, hops } = readAnswer(text);
  return { text, start, hops, finished: true, verdict: verifyAnswer({ numbers, times: false }, text, true) };
}

export const rightAttempt = attemptOf(rightSigns);
export const wrongAttempt = attemptOf(wrongSigns);
const slipText = '7 +3= 10 -11= 11 -5= 6 +2= 9 -8= 1';
export const slippedAttempt: AttemptView = {
  text: slipText,
  ...readAnswer(slipText),
  finished: true,
  verdict: verifyAnswer({ numbers: problem, times: false }, slipText, true),
};

/** What the worker lists of the lesson's recipe, as far as the tests read it. */
export const recipesListed: StudioEvent = {
  type: 'recipes.listed',
  recipes: [
    {
      id: 'score',
      title: { en: 'SCoRe', ko: 'SCoRe' },
      paper: 'Kumar et al. 2024',
      fields: [],
      stages: [
        {
          stage: 'stage_1',
          name: { en: 'Stage I', ko: '1단계' },
          sentence: { en: 'First: make the second attempt good.', ko: '두 번째 시도만 좋게 만듭니다.' },
        },
        {
          stage: 'stage_*',
          name: { en: 'Stage number {1}', ko: '{1}단계' },
          sentence: { en: 'Then: improve both.', ko: '두 시도를 함께 좋게 만듭니다.' },
        },
      ],
    },
  ],
};

export const runConfig: RunConfig = {
  id: 'run-1',
  recipe: 'score',
  settings: {},
  seed: 7,
  totalSteps: 70,
  minutes: 5,
  model: 'dial-llama',
  level: 6,
  evaluateEvery: 5,
  evaluationProblems: 500,
  checkpointEvery: 10,
  createdAt: '2026-11-21T10:00:00.000Z',
};

function around(value: number, n: number): Interval {
  const half = 1.96 * Math.sqrt((value * (1 - value)) / n);
  return { low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

export function summaryOf(accuracyT1: number, iToC: number, cToI: number, temperature: number, n = 500): EvalSummary {
  const delta = iToC - cToI;
  const half = 1.96 * Math.sqrt((iToC + cToI - delta ** 2) / n);
  return {
    n,
    temperature,
    accuracyT1,
    accuracyT2: accuracyT1 + delta,
    delta,
    iToC,
    cToI,
    accuracyT1Interval: around(accuracyT1, n),
    accuracyT2Interval: around(accuracyT1 + delta, n),
    deltaInterval: { low: delta - half, high: delta + half },
    unchangedRate: 0.4,
    editDistanceRatio: 0.2,
    formatErrorRate: 0.002,
  };
}

export function evaluationAt(step: number, slice: Evaluation['slice'] = 'validation', n = 500): Evaluation {
  const learnt = 1 - Math.exp(-step / 18);
  const wobble = 0.012 * Math.sin(step * 1.7);
  return {
    step,
    slice,
    greedy: summaryOf(0.571 + wobble, 0.057 + 0.035 * learnt, 0.181 * (1 - learnt), 0, n),
    sampled: summaryOf(0.469 + wobble, 0.085 + 0.08 * learnt, 0.227 * (1 - learnt) + 0.004, 1, n),
  };
}

const EPISODES = 64;

/** Flips in turn: wrong → right, right → wrong, right → right, wrong → wrong. */
export function traceChunk(step: number, kind: TraceChunk['kind'] = 'train'): TraceChunk {
  const words: string[] = [];
  const idOf = (word: string) => (words.includes(word) ? words.indexOf(word) : words.push(word) - 1);
  const pairs = [
    [wrongAttempt, rightAttempt],
    [rightAttempt, slippedAttempt],
    [rightAttempt, rightAttempt],
    [wrongAttempt, wrongAttempt],
  ];
  const attempts = Array.from({ length: EPISODES }, (_, e) => pairs[e % 4]).flat();
  const tokens = attempts.map((attempt) => [...attempt.text.split(' '), '<|end|>'].map(idOf));
  const offsets = [0];
  for (const ids of tokens) offsets.push(offsets[offsets.length - 1] + ids.length);
  const count = offsets[offsets.length - 1];
  const column = (at: (i: number) => number) => Float32Array.from({ length: count }, (_, i) => at(i));
  const terms = kind === 'train' ? ['reward', 'shaping', 'credit'] : ['reward'];
  const right = attempts.map((attempt) => (attempt.verdict?.correct ? 1 : 0));
  const rewards = attempts.flatMap((_, row) => {
    if (kind !== 'train') return [right[row]];
    if (row % 2 === 0) return [right[row], Number.NaN, right[row]];
    const bonus = 10 * (right[row] - right[row - 1]);
    return [right[row], bonus, right[row] + bonus];
  });
  return {
    kind,
    step,
    stage: step <= 30 ? 'stage_1' : 'stage_2',
    episodes: EPISODES,
    attempts: 2,
    prompts: Array.from({ length: EPISODES }, () => promptText({ numbers: problem, times: false })),
    instruction: 'There might be an error above. Please correct it.',
    problem: Int32Array.from({ length: EPISODES }, (_, e) => e >> 3),
    first: Int32Array.from({ length: EPISODES }, (_, e) => e >> 2),
    offsets: Int32Array.from(offsets),
    tokens: Int32Array.from(tokens.flat()),
    logProb: column((i) => -0.05 - 1.2 * Math.abs(Math.sin(i))),
    refLogProb: column((i) => -0.09 - 1.4 * Math.abs(Math.sin(i + 0.2))),
    kl: column((i) => 0.3 * Math.sin(i * 0.7) ** 4),
    entropy: column((i) => 0.7 * Math.abs(Math.cos(i))),
    correct: Uint8Array.from(right),
    terms,
    rewards: Float32Array.from(rewards),
    advantage: Float32Array.from(
      right.map((r, row) => (kind === 'train' ? r * (1 + (row % 2) * 10) - 2.75 : Number.NaN)),
    ),
    texts: Object.fromEntries(words.map((word, id) => [id, word])),
  };
}

export function steppedEvent(step: number): RunEvent {
  const evaluation = evaluationAt(step);
  const sample = expandTrace(traceChunk(step), step % EPISODES);
  return {
    type: 'run.stepped',
    runId: runConfig.id,
    step,
    stage: step <= 30 ? 'stage_1' : 'stage_2',
    metrics: {
      'train/accuracy_t1': evaluation.sampled.accuracyT1 + 0.02 * Math.sin(step * 3.1),
      'train/accuracy_t2': evaluation.sampled.accuracyT2 + 0.02 * Math.cos(step * 2.3),
      kl: null,
    },
    sample,
    secondsElapsed: step * 3.8,
    secondsLeft: (70 - step) * 3.8,
    tokens: step * 23_000,
  };
}

/** From the start of a run through `steps` steps. */
export function runEvents(steps: number): RunEvent[] {
  const runId = runConfig.id;
  const events: RunEvent[] = [
    { type: 'run.started', run: runConfig, resumedAt: 0 },
    { type: 'run.evaluated', runId, evaluation: evaluationAt(0) },
    { type: 'run.stageEntered', runId, step: 0, stage: 'stage_1' },
  ];
  for (let step = 1; step <= steps; step++) {
    if (step === 31) events.push({ type: 'run.stageEntered', runId, step: 30, stage: 'stage_2' });
    events.push(steppedEvent(step));
    if (step % runConfig.evaluateEvery === 0) {
      events.push({ type: 'run.evaluated', runId, evaluation: evaluationAt(step) });
    }
    if (step % runConfig.checkpointEvery === 0) events.push({ type: 'run.checkpointed', runId, step });
  }
  return events;
}

export const finishedEvent: RunEvent = {
  type: 'run.finished',
  runId: runConfig.id,
  step: 70,
  before: evaluationAt(0, 'test', 1000),
  after: evaluationAt(70, 'test', 1000),
  comparison: {
    n: 1000,
    gained: 262,
    lost: 51,
    gain: 0.211,
    gainInterval: { low: 0.179, high: 0.243 },
    pValue: 1e-12,
  },
  seconds: 268,
  tokens: 1_610_000,
};
