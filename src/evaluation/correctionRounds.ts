// "Large Language Models Cannot Self-Correct Reasoning Yet": Huang et al. 2023, arXiv 2310.01798. Each round is a review of the own
// answer and a new answer: 1, 3, 5 calls. `intrinsic`: no label decides anything. `oracle`: a right answer is frozen, so accuracy
// can only rise; it shows what a perfect judge would be worth. Beside them self-consistency at the same number of calls.
// The bundled model never saw a correction asked for after a verdict, so a part of what it breaks there is that, not only doubt.
// Differs from the paper in: the review is what the model has words for (here a verdict); a round sees the answer before it only.
import { counterBits } from '../lib/counterRng';
import { answerContexts, continued } from '../rollouts/answerContexts';
import type { Decoder, Turn } from '../rollouts/generate';
import { twoAttempts } from '../rollouts/twoAttempts';
import { countFlip, type FlipCounts, flipShares, noFlips } from './flips';
import { wilson } from './intervals';
import type { ProtocolJob } from './selfRefine';
import { majority } from './voting';

const ROWS = 250;

export interface CorrectionRound extends FlipCounts {
  round: number;
  accuracy: number;
  interval: { low: number; high: number };
  /** per problem, all rounds so far */
  calls: number;
  tokens: number;
  /** majority vote over as many answers as the intrinsic view makes calls */
  selfConsistency: number;
  selfConsistencyCalls: number;
}

/** @throws RangeError for a task without words for a review */
export async function evaluateRounds<P>(
  decoder: Decoder,
  job: ProtocolJob<P>,
  mode: 'intrinsic' | 'oracle',
  rounds = 2,
): Promise<CorrectionRound[]> {
  const { task, problems, temperature, seed } = job;
  const { chat, tokenizer, id } = decoder.model;
  const { review } = task;
  if (!review) throw new RangeError(`rounds on ${id}: expected a task with words for a review, ${task.id} has none.`);
  const tallies = Array.from({ length: rounds + 1 }, () => ({
    right: 0,
    flips: noFlips(),
    calls: 0,
    tokens: 0,
    voted: 0,
  }));
  for (let start = 0; start < problems.length; start += ROWS) {
    const part = problems.slice(start, start + ROWS);
    const prompts = part.map((problem) => chat.prompt(task.ask(problem)));
    let [calls, tokens] = [0, 0];
    const write = async (round: number, rows: number[], contexts: Int32Array[], maxTokens: number): Promise<Turn[]> => {
      if (rows.length === 0) return [];
      const streams = Int32Array.from(rows, (i) => counterBits(seed, 0x726f756e + round, start + i));
      const turns = await answerContexts(decoder, contexts, streams, {
        temperature,
        topK: 0,
        topP: 1,
        maxTokens,
        seed,
      });
      calls += turns.length;
      for (const turn of turns) tokens += turn.tokens.length;
      return turns;
    };
    const isRight = (i: number, turn: Turn) =>
      task.verify(part[i], tokenizer.decode(turn.tokens), turn.finish === 'end').correct;
    const all = [...part.keys()];
    const first = await write(0, all, prompts, task.maxTokens);
    const current = [...first];
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) {
        const going = mode === 'oracle' ? all.filter((i) => !isRight(i, current[i])) : all;
        const asked = going.map((i) => continued(decoder.model, prompts[i], current[i], review.question));
        const reviews = await write(2 * round - 1, going, asked, review.maxTokens);
        const contexts = going.map((_, k) => continued(decoder.model, asked[k], reviews[k], task.instruction));
        const again = await write(2 * round, going, contexts, task.maxTokens);
        going.forEach((i, k) => {
          current[i] = again[k];
        });
      }
      const tally = tallies[round];
      tally.calls += calls;
      tally.tokens += tokens;
      for (const i of all) {
        const [before, after] = [isRight(i, first[i]), isRight(i, current[i])];
        const isSame = tokenizer.decode(first[i].tokens) === tokenizer.decode(current[i].tokens);
        tally.right += Number(after);
        countFlip(tally.flips, before, after, isSame);
      }
    }
    await countVotes(decoder, job, part, start, tallies);
  }
  const n = problems.length;
  return tallies.map(({ right, voted, ...counts }, round) => ({
    round,
    accuracy: right / n,
    interval: wilson(right, n),
    ...flipShares(counts.flips, n),
    calls: counts.calls / n,
    tokens: counts.tokens / n,
    selfConsistency: voted / n,
    selfConsistencyCalls: 2 * round + 1,
  }));
}

/** Majority votes over 1, 3, 5 … sampled answers; a greedy protocol is compared with votes at temperature 1, as votes need variety. */
async function countVotes<P>(
  decoder: Decoder,
  { task, temperature, seed }: ProtocolJob<P>,
  part: P[],
  start: number,
  tallies: { voted: number }[],
): Promise<void> {
  const { chat, tokenizer } = decoder.model;
  const most = 2 * (tallies.length - 1) + 1;
  const prompts = part.map((problem) => chat.prompt(task.ask(problem)));
  const keys = part.map((_, i) => counterBits(seed, 0x766f7465, start + i));
  const sampling = { temperature: temperature || 1, topK: 0, topP: 1, maxTokens: task.maxTokens, seed };
  const { first } = await twoAttempts(decoder, prompts, keys, { firsts: most, seconds: 0, sampling, instruction: '' });
  part.forEach((problem, p) => {
    const texts = first.slice(p * most, (p + 1) * most).map((turn) => tokenizer.decode(turn.tokens));
    tallies.forEach((tally, round) => {
      tally.voted += Number(task.verify(problem, majority(texts.slice(0, 2 * round + 1)), true).correct);
    });
  });
}
