// What else the model could have written: both attempts are read once more in a single pass, and at every token the most likely
// ones are told beside the one that was written.
import type { DialProblem } from '../lib/dialProblem';
import type { Adapter } from '../models/adapter';
import { type LanguageModel, logitsOf } from '../models/model';
import type { TokenChoice } from '../protocol/events';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';

export interface ExplainJob {
  model: LanguageModel;
  /** null: the base */
  adapter: Adapter | null;
  problem: DialProblem;
  /** 0 = greedy, told at temperature 1 */
  temperature: number;
  /** ids of the attempts as they were written */
  tokens: readonly (readonly number[])[];
}

const ALTERNATIVES = 5;

/** The conversation as the model saw it, and where each attempt's first token stands in it. */
function conversationOf({ model, problem, tokens }: ExplainJob): { ids: number[]; starts: number[] } {
  const task = dialTask(problem.numbers.length);
  const { chat, architecture } = model;
  const ids = Array.from(chat.prompt(task.ask(problem)));
  const starts: number[] = [];
  tokens.forEach((written, attempt) => {
    const known = written.every((id) => Number.isInteger(id) && id >= 0 && id < architecture.shape.vocabulary);
    if (written.length === 0 || !known) {
      throw new RangeError(
        `tokens.explain: expected ids of the vocabulary for attempt ${attempt + 1}, got "${written}".`,
      );
    }
    if (attempt > 0) {
      // The follow-up opens with the end token, which the attempt wrote itself unless it was cut off.
      if (ids[ids.length - 1] === chat.endId) ids.pop();
      ids.push(...chat.followUp(task.instruction));
    }
    starts.push(ids.length);
    ids.push(...written);
  });
  if (ids.length > architecture.shape.maxPositions) {
    throw new RangeError(
      `tokens.explain: expected at most ${architecture.shape.maxPositions} tokens, got ${ids.length}. Explain a shorter answer.`,
    );
  }
  return { ids, starts };
}

/** @param logits of one position @param written the id that stands there */
export function choiceAt(
  logits: Float32Array,
  written: number,
  temperature: number,
  textOf: (id: number) => string,
): TokenChoice {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  let weighted = 0;
  for (const logit of logits) {
    const scaled = (logit - largest) / temperature;
    const weight = Math.exp(scaled);
    sum += weight;
    // 0 · −∞ counts as 0.
    if (weight > 0) weighted += weight * scaled;
  }
  const logProbOf = (id: number) => (logits[id] - largest) / temperature - Math.log(sum);
  const better = (a: number, b: number) => logits[b] - logits[a] || a - b;
  const best: number[] = [];
  let rank = 1;
  for (let id = 0; id < logits.length; id++) {
    if (id !== written && better(id, written) < 0) rank++;
    const at = best.findIndex((other) => better(id, other) < 0);
    if (at >= 0) best.splice(at, 0, id);
    else best.push(id);
    if (best.length > ALTERNATIVES) best.pop();
  }
  return {
    text: textOf(written),
    logProb: logProbOf(written),
    rank,
    entropy: Math.log(sum) - weighted / sum,
    alternatives: best.map((id) => ({ text: textOf(id), logProb: logProbOf(id) })),
  };
}

/** @returns for each attempt, for each token. @throws RangeError for ids that no model wrote */
export async function explainTokens(job: ExplainJob): Promise<TokenChoice[][]> {
  const { model, adapter, tokens } = job;
  const { ids, starts } = conversationOf(job);
  const temperature = job.temperature > 0 ? job.temperature : 1;
  const cache = new KeyValueCache(model);
  try {
    cache.reset(1, ids.length);
    const row = { past: [], own: cache.allocate() };
    const hidden = cache.read(adapter, [row], Int32Array.from(ids), Int32Array.from(ids.keys()), ids.length);
    const logits = logitsOf(model, adapter, hidden);
    hidden.dispose();
    const values = Float32Array.from(await logits.data()); // [T, V]
    logits.dispose();
    const { vocabulary } = model.architecture.shape;
    const textOf = (id: number) => model.tokenizer.tokenText(id);
    return tokens.map((written, attempt) =>
      written.map((id, i) => {
        // A token is foretold by the position before it.
        const at = starts[attempt] + i - 1;
        return choiceAt(values.subarray(at * vocabulary, (at + 1) * vocabulary), id, temperature, textOf);
      }),
    );
  } finally {
    cache.dispose();
  }
}
