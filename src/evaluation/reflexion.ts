// Reflexion: Shinn et al. 2023, arXiv 2303.11366, algorithm 1. No weight changes; what is learned are words in a memory.
//   y_0 ~ actor(x);  while evaluator(y_t) fails and trials are left:  m_t ~ reflection(x, y_t);  y_{t+1} ~ actor(x, last Ω of (y, m))
// Evaluator: `self`, the model's own verdict (intrinsic, as the paper's self-written tests), or `verifier` (an oracle between trials, as
// its exact match on HotpotQA: what a perfect judge would be worth). Stops when the evaluator passes, when an answer repeats the one
// before it word by word, or after the last trial, whose answer is submitted as it is.
// Differs from the paper in: the memory holds each reflection with the attempt it is about (its "last attempt + reflexion"), as one
// conversation; a reflection is what the model has words for. Ω = 0 is a plain retry without any memory.
import { counterBits } from '../lib/counterRng';
import { answerContexts, continued } from '../rollouts/answerContexts';
import type { Decoder, Turn } from '../rollouts/generate';
import { countFlip, type FlipCounts, flipShares, noFlips } from './flips';
import { wilson } from './intervals';
import type { ProtocolJob } from './selfRefine';

const ROWS = 250;

export interface ReflexionSettings {
  /** attempts at most, the first included */
  trials: number;
  /** Ω: reflections kept */
  memory: number;
  evaluator: 'self' | 'verifier';
}

/** After so many trials. */
export interface ReflexionTrial extends FlipCounts {
  trial: number;
  accuracy: number;
  interval: { low: number; high: number };
  /** share of problems that were tried again in this trial */
  going: number;
  /** per problem, all trials so far: attempts, verdicts of the model and reflections */
  calls: number;
  tokens: number;
}

interface Episode {
  prompt: Int32Array;
  attempt: Turn;
  memory: { attempt: Turn; reflection: Turn }[];
  isOver: boolean;
}

/** @throws RangeError for a task without words for a reflection, or, with `self`, for a verdict */
export async function evaluateReflexion<P>(
  decoder: Decoder,
  { task, problems, temperature, seed }: ProtocolJob<P>,
  { trials, memory, evaluator }: ReflexionSettings,
): Promise<ReflexionTrial[]> {
  const { model } = decoder;
  const { review, reflection } = task;
  if (!reflection || (evaluator === 'self' && !review)) {
    throw new RangeError(`reflexion: expected a task with words for a verdict and a reflection, ${task.id} has none.`);
  }
  const tallies = Array.from({ length: trials }, () => ({ right: 0, flips: noFlips(), going: 0, calls: 0, tokens: 0 }));
  for (let start = 0; start < problems.length; start += ROWS) {
    const part = problems.slice(start, start + ROWS);
    let [calls, tokens] = [0, 0];
    const write = async (round: number, rows: number[], contexts: Int32Array[], maxTokens: number): Promise<Turn[]> => {
      if (rows.length === 0) return [];
      const streams = Int32Array.from(rows, (i) => counterBits(seed, 0x72666c78 + round, start + i));
      const sampling = { temperature, topK: 0, topP: 1, maxTokens, seed };
      const turns = await answerContexts(decoder, contexts, streams, sampling);
      calls += turns.length;
      for (const turn of turns) tokens += turn.tokens.length;
      return turns;
    };
    const text = (turn: Turn) => model.tokenizer.decode(turn.tokens);
    const isRight = (i: number, turn: Turn) => task.verify(part[i], text(turn), turn.finish === 'end').correct;
    /** What the actor reads: the problem, then attempts with what was said about them. */
    const recalled = ({ prompt, memory: items }: Episode) =>
      items.reduce((context, item) => {
        const asked = continued(model, context, item.attempt, reflection.question);
        return continued(model, asked, item.reflection, task.instruction);
      }, prompt);

    const prompts = part.map((problem) => model.chat.prompt(task.ask(problem)));
    const all = [...part.keys()];
    const first = await write(0, all, prompts, task.maxTokens);
    const episodes = prompts.map((prompt, i): Episode => ({ prompt, attempt: first[i], memory: [], isOver: false }));
    for (let trial = 0; trial < trials; trial++) {
      const tally = tallies[trial];
      if (trial > 0) {
        const open = all.filter((i) => !episodes[i].isOver);
        let failed = open.filter((i) => evaluator === 'verifier' && !isRight(i, episodes[i].attempt));
        if (evaluator === 'self') {
          const asked = open.map((i) => continued(model, prompts[i], episodes[i].attempt, review!.question));
          const verdicts = await write(3 * trial - 2, open, asked, review!.maxTokens);
          failed = open.filter((_, k) => !review!.approves(text(verdicts[k])));
        }
        for (const i of open) episodes[i].isOver = !failed.includes(i);
        // A reflection is about the attempt at hand, read with what is remembered. Without a memory nothing is reflected upon.
        if (memory > 0) {
          const asked = failed.map((i) =>
            continued(model, recalled(episodes[i]), episodes[i].attempt, reflection.question),
          );
          const said = await write(3 * trial - 1, failed, asked, reflection.maxTokens);
          failed.forEach((i, k) => {
            const item = { attempt: episodes[i].attempt, reflection: said[k] };
            episodes[i].memory = [...episodes[i].memory, item].slice(-memory);
          });
        }
        const contexts = failed.map((i) => recalled(episodes[i]));
        const again = await write(3 * trial, failed, contexts, task.maxTokens);
        failed.forEach((i, k) => {
          episodes[i].isOver = text(again[k]) === text(episodes[i].attempt);
          episodes[i].attempt = again[k];
        });
        tally.going += failed.length;
      }
      tally.calls += calls;
      tally.tokens += tokens;
      for (const i of all) {
        const after = isRight(i, episodes[i].attempt);
        tally.right += Number(after);
        countFlip(tally.flips, isRight(i, first[i]), after, text(first[i]) === text(episodes[i].attempt));
      }
    }
  }
  const n = problems.length;
  return tallies.map(({ right, flips, going, calls, tokens }, trial) => ({
    trial: trial + 1,
    accuracy: right / n,
    interval: wilson(right, n),
    ...flipShares(flips, n),
    going: going / n,
    calls: calls / n,
    tokens: tokens / n,
  }));
}
