// Weak-to-strong generalisation: Burns et al. 2023, arXiv 2312.09390; losses as in github.com/openai/weak-to-strong.
//   a weak supervisor learns the truth; a strong student learns the supervisor's soft labels; a ceiling is the student on the truth
//   naive        CE(f, f_w)
//   confidence   (1 − α) CE(f, f_w) + α CE(f, f̂_t),   f̂_t = 1[f > t],  t so that as many are positive as f_w expects
//   product      CE(f, ∝ f^b · f_w^a)
//   PGR = (student − weak) / (ceiling − weak)
// The two classes: is this answer right or wrong? The model answers with one of two words after the answer.
// Differs from the paper in:
//  1. Weak means a smaller adapter (`weakRank`) and fewer steps (`weakShare`) on the same base, not a smaller pre-trained model.
//  2. All models share one run: supervisor, with `bootstrap` one of a rank between, ceiling, student. The later ones get equal steps.
//  3. Answers are written by the task's solver, right or wrong with a half; every step draws its own (the paper: two halves of a set).
//  4. Two words of the vocabulary are the classes (the paper: a fresh linear head). Those of the task the base has long learned, so spare
//     ones are the default. α and its warm-up: of the paper we know α ≤ 0.75 over the first fifth only second-hand.
//  5. Accuracy and PGR are measured on `measured` problems of the validation slice, the same at every step.
import { CounterRng, counterBits } from '../lib/counterRng';
import type { Adapter } from '../models/adapter';
import { continued } from '../rollouts/answerContexts';
import { type AnswerGroup, answerTokens, packAnswers } from '../train/answerBatch';
import { restartAs } from '../train/asideAdapters';
import { warmupConstantDecay } from '../train/schedules';
import {
  confidenceCoefficient,
  confidenceTargets,
  gapRecovered,
  productTargets,
  twoClassLoss,
} from '../train/weakToStrong';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { adapterConfig } from './adapterFields';
import { weakStages } from './methodStages';
import type { Job, Recipe } from './recipe';
import { verdictWords } from './verdicts';
import { weakFields } from './weakFields';

export const weakSupervision: Recipe = {
  id: 'weak-to-strong',
  title: { en: 'Weak to strong', ko: '약한 교사, 강한 학생' },
  paper: 'Burns et al. 2023, arXiv 2312.09390',
  fields: weakFields,
  stages: weakStages,
  givenTexts: true,
  adapter: (settings) => adapterConfig({ ...settings, method: 'lora' }),
  run,
};

interface Examples {
  asked: AnswerGroup[];
  /** 1 right, 0 wrong */
  truth: number[];
}

/** Questions about answers that are right or wrong with a half. */
function drawExamples(job: Job, slice: 'rl' | 'validation', rng: CounterRng, count: number): Examples {
  const { model, task } = job;
  const { solve, mistake } = task;
  if (!solve || !mistake) {
    throw new RangeError(
      `weak-to-strong: expected a task that knows right and wrong answers, ${task.id} does not. Choose another task.`,
    );
  }
  const { question, verdicts } = verdictWords(job);
  const truth: number[] = [];
  const asked = task.draw(rng, slice, count).map((problem) => {
    const isRight = rng.uniform() < 0.5;
    truth.push(Number(isRight));
    const tokens = answerTokens(model, (isRight ? solve : mistake)(rng, problem));
    const context = continued(model, model.chat.prompt(task.ask(problem)), { tokens, finish: 'end' }, question);
    return { context, answers: verdicts };
  });
  return { asked, truth };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** [B] log-odds of "right" */
async function oddsOf({ model }: Job, adapter: Adapter | null, { asked }: Examples): Promise<number[]> {
  const logProb = await logProbsOf(model, adapter, packAnswers(asked, model.chat.endId));
  return asked.map((_, i) => logProb[2 * i] - logProb[2 * i + 1]);
}

const accuracyOf = (odds: readonly number[], { truth }: Examples) =>
  odds.filter((x, i) => x > 0 === (truth[i] === 1)).length / truth.length;

async function* run(job: Job) {
  const { model, settings, seed, totalSteps, state } = job;
  const { problems, measured, weakRank, weakShare, alpha, warmup, learningRate, maxNorm } = settings as Record<
    string,
    number
  >;
  const strong = adapterConfig({ ...settings, method: 'lora' });
  // α/r stays: an adapter's scale is that of its run.
  const ofRank = (r: number) => ({ ...strong, r, alpha: (strong.alpha / strong.r) * r });
  const between = Math.max(1, Math.round(Math.sqrt(weakRank * strong.r)));
  const later = [...(settings.bootstrap ? ['bootstrap'] : []), 'ceiling', 'weak_student'];
  const names = ['supervisor', ...later];
  const weakSteps = Math.min(totalSteps - later.length, Math.max(1, Math.round(weakShare * totalSteps)));
  const starts = [0, ...later.map((_, i) => weakSteps + Math.floor((i * (totalSteps - weakSteps)) / later.length))];
  const rankOf = { supervisor: weakRank, bootstrap: between, ceiling: strong.r, weak_student: strong.r };
  const held = drawExamples(job, 'validation', new CounterRng(seed, counterBits(seed, 0x68656c64, 0)), measured);

  for (let entered = ''; state.step < totalSteps; ) {
    const step = state.step;
    const part = starts.findLastIndex((start) => step >= start);
    const stage = names[part] as keyof typeof rankOf;
    if (stage !== entered) yield { type: 'stage.entered' as const, step, stage };
    entered = stage;
    if (step === starts[part]) restartAs(state, model, seed, ofRank(rankOf[stage]), part > 0 ? names[part - 1] : null);

    // rollouts: none, the answers are given
    const examples = drawExamples(job, 'rl', new CounterRng(seed, counterBits(seed, 0x77327300, step)), problems);

    // rewards: labels, the truth's or a supervisor's
    const isTaught = stage === 'bootstrap' || stage === 'weak_student';
    const supervisor = state.aside.get(stage === 'weak_student' && settings.bootstrap ? 'bootstrap' : 'supervisor');
    const labels = isTaught && supervisor ? (await oddsOf(job, supervisor, examples)).map(sigmoid) : examples.truth;

    // advantages: targets of the two classes
    const odds = await oddsOf(job, state.adapter, examples);
    const p = odds.map(sigmoid);
    const share = (step - starts[part]) / Math.max(1, (starts[part + 1] ?? totalSteps) - starts[part]);
    const schedule = settings.schedule as 'paper' | 'reference';
    const coefficient =
      isTaught && settings.loss === 'confidence' ? confidenceCoefficient(schedule, share, alpha, warmup) : 0;
    const targets =
      isTaught && settings.loss === 'product'
        ? productTargets(p, labels, 1, 1)
        : confidenceTargets(p, labels, coefficient).targets;

    // loss -> optimizer
    const rate =
      learningRate * warmupConstantDecay(step - starts[part], Math.ceil(totalSteps / names.length), 1, 0.3, 0.1);
    const weights = p.flatMap((x, i) => [(targets[i] - x) / p.length, (x - targets[i]) / p.length]);
    const batch = packAnswers(examples.asked, model.chat.endId);
    const before = accuracyOf(await oddsOf(job, state.adapter, held), held);
    const outcome = await weightedUpdate(model, state, batch, weights, { learningRate: rate, maxNorm, step });
    state.step = step + 1;

    // metric events
    const known = async (name: string) => {
      const adapter = state.aside.get(name);
      return adapter ? accuracyOf(await oddsOf(job, adapter, held), held) : null;
    };
    const [weak, ceiling] = [await known('supervisor'), await known('ceiling')];
    const isStudent = stage === 'weak_student';
    const metrics = {
      loss: twoClassLoss(odds, targets),
      grad_norm: outcome.norm,
      learning_rate: rate,
      'w2s/accuracy': before,
      'w2s/supervisor': weak,
      'w2s/ceiling': ceiling,
      'w2s/label_accuracy': labels.filter((y, i) => y > 0.5 === (examples.truth[i] === 1)).length / labels.length,
      'w2s/confidence': coefficient,
      'w2s/pgr': isStudent && weak !== null && ceiling !== null ? gapRecovered(weak, before, ceiling) : null,
    };
    yield { type: 'step.finished' as const, step: state.step, stage, metrics, traces: null, tokens: batch.tokens };
  }
}
