// Multi-agent debate: Du et al. 2023, arXiv 2305.14325, at matched cost as in Huang et al. 2023, arXiv 2310.01798, table 7.
//   every agent answers; in each round every agent reads the others' last answers and its own, and answers again; majority vote
// One model plays all agents; they differ by their random numbers, so the temperature must be above 0. A agents and r rounds make
// A (r + 1) responses; beside them the vote among as many independent answers (self-consistency).
// Differs from the paper in: the others' answers are told as attempts of the same conversation, the agent's own last, each followed by
// the correction instruction: words that a model of two attempts has. No summary of the others is made.
import { counterBits } from '../lib/counterRng';
import { answerContexts, continued } from '../rollouts/answerContexts';
import type { Decoder, Turn } from '../rollouts/generate';
import { wilson } from './intervals';
import type { ProtocolJob } from './selfRefine';
import { majority } from './voting';

/** Rows decoded at once. */
const ROWS = 384;

export interface DebateRound {
  round: number;
  /** responses per problem so far = calls */
  responses: number;
  /** of the agents' majority */
  accuracy: number;
  interval: { low: number; high: number };
  /** of a single agent, on average */
  single: number;
  /** share of problems on which all agents say the same */
  agreed: number;
  /** majority vote among as many independent answers, and its interval */
  selfConsistency: number;
  selfConsistencyInterval: { low: number; high: number };
  tokens: number;
  selfConsistencyTokens: number;
}

export async function evaluateDebate<P>(
  decoder: Decoder,
  { task, problems, temperature, seed }: ProtocolJob<P>,
  agents = 3,
  rounds = 2,
): Promise<DebateRound[]> {
  const { model } = decoder;
  if (!(temperature > 0))
    throw new RangeError('debate: expected a temperature above 0, agents would all say the same.');
  const counts = Array.from({ length: rounds + 1 }, () => ({
    right: 0,
    single: 0,
    agreed: 0,
    voted: 0,
    tokens: 0,
    voteTokens: 0,
  }));
  const size = Math.max(1, Math.floor(ROWS / agents));
  const lengthOf = (turns: readonly Turn[]) => turns.reduce((sum, turn) => sum + turn.tokens.length, 0);
  for (let start = 0; start < problems.length; start += size) {
    const part = problems.slice(start, start + size);
    const prompts = part.map((problem) => model.chat.prompt(task.ask(problem)));
    const rows = part.flatMap((_, p) => Array.from({ length: agents }, (_a, a) => ({ p, a })));
    // An independent answer of round 0 is the debate's own first answer: only later ones have random numbers of their own.
    const write = (round: number, contexts: Int32Array[], isVote: boolean) => {
      const stream = 0x64656261 + 2 * round + Number(isVote && round > 0);
      const streams = Int32Array.from(rows, ({ p, a }) => counterBits(seed, stream, (start + p) * agents + a));
      return answerContexts(decoder, contexts, streams, {
        temperature,
        topK: 0,
        topP: 1,
        maxTokens: task.maxTokens,
        seed,
      });
    };
    // A cut answer votes under a text of its own.
    const text = (turn: Turn) => model.tokenizer.decode(turn.tokens) + (turn.finish === 'end' ? '' : ' …');
    const isRight = (p: number, answer: string) => Number(task.verify(part[p], answer, true).correct);
    const own = <T>(list: readonly T[], p: number) => list.slice(p * agents, (p + 1) * agents);

    let turns: Turn[] = [];
    let [tokens, voteTokens] = [0, 0];
    const votes: string[][] = part.map(() => []);
    for (let round = 0; round <= rounds; round++) {
      const alone = await write(
        round,
        rows.map(({ p }) => prompts[p]),
        true,
      );
      const heard = turns;
      const told = ({ p, a }: (typeof rows)[number]) => {
        const others = own(heard, p).filter((_, other) => other !== a);
        return [...others, own(heard, p)[a]].reduce(
          (context, turn) => continued(model, context, turn, task.instruction),
          prompts[p],
        );
      };
      turns = round === 0 ? alone : await write(round, rows.map(told), false);
      tokens += lengthOf(turns);
      voteTokens += lengthOf(alone);
      const c = counts[round];
      c.tokens += tokens;
      c.voteTokens += voteTokens;
      part.forEach((_, p) => {
        const answers = own(turns, p).map(text);
        votes[p].push(...own(alone, p).map(text));
        c.right += isRight(p, majority(answers));
        c.single += answers.reduce((sum, answer) => sum + isRight(p, answer), 0) / agents;
        c.agreed += Number(new Set(answers).size === 1);
        c.voted += isRight(p, majority(votes[p]));
      });
    }
  }
  const n = problems.length;
  return counts.map((c, round) => ({
    round,
    responses: agents * (round + 1),
    accuracy: c.right / n,
    interval: wilson(c.right, n),
    single: c.single / n,
    agreed: c.agreed / n,
    selfConsistency: c.voted / n,
    selfConsistencyInterval: wilson(c.voted, n),
    tokens: c.tokens / n,
    selfConsistencyTokens: c.voteTokens / n,
  }));
}
