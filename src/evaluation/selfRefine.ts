// Self-Refine: Madaan et al. 2023, arXiv 2303.17651, as the prompt-only baseline of SCoRe's tables (arXiv 2409.12917, section 4):
//   y1 ~ π(·|x);  f ~ π(·|x, y1, "feedback?");  y2 = y1 if f says it is fine, else y2 ~ π(·|x, y1, f, "refine")
// No weight changes. One round, as in the table; the paper's few-shot examples are left out: the bundled model has no room for them.
// Its feedback is one word (a verdict), because it has no others.
import { counterBits } from '../lib/counterRng';
import type { Task } from '../rewards/task';
import { answerContexts, continued } from '../rollouts/answerContexts';
import type { Decoder, Turn } from '../rollouts/generate';
import { accuracyAndFlips } from './twoAttemptAccuracy';

const BATCH = 250;

export interface ProtocolJob<P> {
  task: Task<P>;
  problems: P[];
  /** 0 = greedy */
  temperature: number;
  seed: number;
}

/** @throws RangeError for a task that has no words for feedback */
export async function evaluateSelfRefine<P>(decoder: Decoder, job: ProtocolJob<P>) {
  const { task, problems, temperature, seed } = job;
  const { chat, tokenizer } = decoder.model;
  const { review } = task;
  if (!review) {
    throw new RangeError(
      `self-refine: expected a task with words for feedback, ${task.id} has none. Choose another task.`,
    );
  }
  const correct1 = new Uint8Array(problems.length);
  const correct2 = new Uint8Array(problems.length);
  let calls = 0;
  let tokens = 0;
  let approved = 0;
  for (let start = 0; start < problems.length; start += BATCH) {
    const part = problems.slice(start, start + BATCH);
    const write = async (round: number, rows: number[], contexts: Int32Array[], maxTokens: number): Promise<Turn[]> => {
      const streams = Int32Array.from(rows, (i) => counterBits(seed, 0x72656600 + round, start + i));
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
      Number(task.verify(part[i], tokenizer.decode(turn.tokens), turn.finish === 'end').correct);
    const all = [...part.keys()];
    const prompts = part.map((problem) => chat.prompt(task.ask(problem)));
    const first = await write(0, all, prompts, task.maxTokens);
    const asked = prompts.map((prompt, i) => continued(decoder.model, prompt, first[i], review.question));
    const feedback = await write(1, all, asked, review.maxTokens);
    const again = all.filter((i) => !review.approves(tokenizer.decode(feedback[i].tokens)));
    approved += part.length - again.length;
    const contexts = again.map((i) => continued(decoder.model, asked[i], feedback[i], task.instruction));
    const refined = again.length > 0 ? await write(2, again, contexts, task.maxTokens) : [];
    all.forEach((i) => {
      correct1[start + i] = isRight(i, first[i]);
      correct2[start + i] = correct1[start + i];
    });
    again.forEach((i, k) => {
      correct2[start + i] = isRight(i, refined[k]);
    });
  }
  return {
    ...accuracyAndFlips(correct1, correct2),
    temperature,
    approvedRate: approved / problems.length,
    calls,
    tokens,
  };
}
