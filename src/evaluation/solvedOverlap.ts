// Which problems two models solve, and how far they are the same ones (Li et al. 2023, arXiv 2312.12832, table 1: models of right and of
// wrong answers solve different problems).
import { counterBits } from '../lib/counterRng';
import { answerContexts } from '../rollouts/answerContexts';
import type { Decoder } from '../rollouts/generate';
import type { ProtocolJob } from './selfRefine';

export interface Overlap {
  first: number;
  second: number;
  both: number;
  /** both / (either); null where neither solves anything */
  union: number | null;
}

export function solvedOverlap(first: ArrayLike<number>, second: ArrayLike<number>): Overlap {
  const counts = { first: 0, second: 0, both: 0 };
  for (let i = 0; i < first.length; i++) {
    counts.first += first[i];
    counts.second += second[i];
    counts.both += first[i] * second[i];
  }
  const either = counts.first + counts.second - counts.both;
  return { ...counts, union: either > 0 ? counts.both / either : null };
}

const ROWS = 250;

/** [n] 1 where the model's first answer is right. @param prefix said before the problem, with a space behind it */
export async function solvedBy<P>(
  decoder: Decoder,
  { task, problems, temperature, seed }: ProtocolJob<P>,
  prefix = '',
): Promise<Uint8Array> {
  const { model } = decoder;
  const solved = new Uint8Array(problems.length);
  for (let start = 0; start < problems.length; start += ROWS) {
    const part = problems.slice(start, start + ROWS);
    const prompts = part.map((problem) => {
      const [first, ...others] = task.ask(problem);
      return model.chat.prompt([{ ...first, content: `${prefix}${first.content}` }, ...others]);
    });
    const streams = Int32Array.from(part, (_, i) => counterBits(seed, 0x736f6c76, start + i));
    const sampling = { temperature, topK: 0, topP: 1, maxTokens: task.maxTokens, seed };
    const turns = await answerContexts(decoder, prompts, streams, sampling);
    turns.forEach((turn, i) => {
      solved[start + i] = Number(
        task.verify(part[i], model.tokenizer.decode(turn.tokens), turn.finish === 'end').correct,
      );
    });
  }
  return solved;
}
