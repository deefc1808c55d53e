// One problem put to the model: first attempt, correction instruction, second attempt, shown while they are written.
import { counterBits } from '../lib/counterRng';
import type { DialProblem } from '../lib/dialProblem';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { AttemptView } from '../protocol/events';
import { dialTask } from '../rewards/dialTask';
import type { Turn } from '../rollouts/generate';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { twoAttempts } from '../rollouts/twoAttempts';
import { viewAttempt } from './attemptView';

export interface AttemptJob {
  model: LanguageModel;
  /** null: the base */
  adapter: Adapter | null;
  problem: DialProblem;
  /** 0 = greedy */
  temperature: number;
  /** 0 = off */
  topK?: number;
  /** 1 = off */
  topP?: number;
  seed: number;
  /** At most ten times a second. */
  onWritten(attempts: AttemptView[]): void;
}

const REPORT_EVERY_MS = 100;

export interface WrittenTwice {
  attempts: AttemptView[];
  /** ids of each attempt */
  tokens: number[][];
  tokensPerSecond: number;
}

/** @returns both attempts and how fast they were written */
export async function attemptTwice(job: AttemptJob): Promise<WrittenTwice> {
  const { model, adapter, problem, temperature, topK = 0, topP = 1, seed } = job;
  const task = dialTask(problem.numbers.length);
  const cache = new KeyValueCache(model);
  const written: [number[], number[]] = [[], []];
  const spell = (ids: ArrayLike<number>) => model.tokenizer.decode(Int32Array.from(ids));
  const started = performance.now();
  let told = started;
  const onTokens = (attempt: 0 | 1, _rows: Int32Array, ids: Int32Array) => {
    written[attempt].push(ids[0]);
    if (performance.now() - told < REPORT_EVERY_MS) return;
    told = performance.now();
    const views = written.filter((tokens, i) => i <= attempt && tokens.length > 0);
    job.onWritten(views.map((tokens) => viewAttempt(problem, spell(tokens), false, false)));
  };
  try {
    const { first, second } = await twoAttempts(
      { model, adapter, cache },
      [model.chat.prompt(task.ask(problem))],
      [counterBits(seed, 0x6173_6b21, 0)],
      {
        firsts: 1,
        seconds: 1,
        sampling: { temperature, topK, topP, maxTokens: task.maxTokens, seed },
        instruction: task.instruction,
        onTokens,
      },
    );
    const turns: Turn[] = [first[0], second[0]];
    const tokens = turns.map((turn) => Array.from(turn.tokens));
    const count = tokens.reduce((sum, ids) => sum + ids.length, 0);
    const seconds = Math.max((performance.now() - started) / 1000, 1e-3);
    const attempts = turns.map((turn) => viewAttempt(problem, spell(turn.tokens), true, turn.finish === 'end'));
    return { attempts, tokens, tokensPerSecond: count / seconds };
  } finally {
    cache.dispose();
  }
}
