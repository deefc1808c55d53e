// What the model really read and wrote in one sample, token by token, with the chat template's own tokens and the mask of
// the loss: the same rule as `train/twoAttemptBatch`, which packs prompts, answers and the follow-up into one row.
import type { TraceChunk } from './trace';

export interface SeenToken {
  id: number;
  text: string;
  /** `prompt`: problem and template; `follow_up`: end of the answer before, instruction, template; else the attempt's place. */
  part: 'prompt' | 'follow_up' | 0 | 1;
  /** Whether the loss of this step had the token as a target; null = the recipe did not say. Never in an evaluation. */
  trained: boolean | null;
}

/** null for a chunk stored without what the model read (by an older page). More than two attempts are not kept by any recipe. */
export function seenTokens(chunk: TraceChunk, episode: number): SeenToken[] | null {
  const { context, attempts, offsets, tokens, texts, kind } = chunk;
  const problem = chunk.problem[episode];
  if (!context || attempts > 2 || problem + 1 >= context.offsets.length) return null;
  const seen: SeenToken[] = [];
  const add = (ids: Int32Array, part: SeenToken['part'], trained: SeenToken['trained']) => {
    for (const id of ids) seen.push({ id, text: texts[id] ?? `#${id}`, part, trained });
  };
  add(context.prompts.subarray(context.offsets[problem], context.offsets[problem + 1]), 'prompt', false);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const row = episode * attempts + attempt;
    const answer = tokens.subarray(offsets[row], offsets[row + 1]);
    if (attempt > 0) {
      // The end token that the model wrote itself opens the follow-up; after an answer that was cut off the template adds it.
      const wroteEnd = seen.at(-1)?.id === context.followUp[0];
      add(context.followUp.subarray(wroteEnd ? 1 : 0), 'follow_up', false);
    }
    const isTarget = context.targets ? context.targets[row] === 1 : null;
    add(answer, attempt === 0 ? 0 : 1, kind === 'train' && isTarget);
  }
  return seen;
}
