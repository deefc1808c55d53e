// What the samples of one step look like on their way from the worker to storage and the page: columns, not
// objects, because a step holds hundreds of episodes. `expandTrace` in `store/` makes one readable sample of it.

export type FlipClass = 'i_to_i' | 'i_to_c' | 'c_to_i' | 'c_to_c';

/**
 * The episodes of one step in columns. E episodes, A attempts each, R reward terms, N = all answer tokens.
 * NaN in a Float32Array means "not computed" (never 0): a reward that was not scored, a KL without reference.
 */
export interface TraceChunk {
  /** `train`: what the update saw. `eval_greedy` / `eval_sampled`: the fixed validation problems. */
  kind: 'train' | 'eval_greedy' | 'eval_sampled';
  step: number;
  stage: string;
  episodes: number;
  attempts: number;
  /** [E] the user's first message. */
  prompts: string[];
  /** The message between attempt i and i+1; same for all episodes. */
  instruction: string;
  /** [E] which problem of the step (rollouts of one problem share it). */
  problem: Int32Array;
  /** [E] which first attempt (second attempts of one first attempt share it). */
  first: Int32Array;
  /** [E*A + 1] attempt (e, a) owns tokens offsets[e*A+a] .. offsets[e*A+a+1]. */
  offsets: Int32Array;
  /** [N] token ids, end token included. */
  tokens: Int32Array;
  /** [N] nats. */
  logProb: Float32Array;
  refLogProb: Float32Array;
  /** [N] full-vocabulary KL(policy || reference) at this position, nats. */
  kl: Float32Array;
  entropy: Float32Array;
  /** [E*A] 1 right, 0 wrong. */
  correct: Uint8Array;
  /** Names of the reward terms, e.g. `lands_on_zero`, `shaping`. */
  terms: string[];
  /** [E*A*R]. */
  rewards: Float32Array;
  /** [E*A]. */
  advantage: Float32Array;
  /** token id -> text, only for ids that occur. */
  texts: Record<number, string>;
  /** What the model read besides its own answers; missing in chunks of older pages. */
  context?: TraceContext;
  /** What the task tells of each attempt beside its score; missing in chunks of older pages and of tasks that tell nothing. */
  extra?: TraceExtra;
}

/** X numeric columns, Y columns of text. */
export interface TraceExtra {
  names: string[];
  /** [E*A*X] NaN = not there. */
  numeric: Float32Array;
  textNames: string[];
  /** [E*A*Y] places in `texts`; −1 = not there. */
  text: Int32Array;
  /** Each text once. */
  texts: string[];
}

/** Token ids as the chat template wrote them, P problems. */
export interface TraceContext {
  /** [P + 1] the prompt of problem p is prompts[offsets[p] … offsets[p+1]], ready for the assistant to write. */
  offsets: Int32Array;
  prompts: Int32Array;
  /** Between two attempts: begins with the end token of the attempt before. Empty with one attempt. */
  followUp: Int32Array;
  /** [E*A] 1 where the loss of this step had the answer's tokens as targets; missing when the recipe did not say. */
  targets?: Uint8Array;
  /** The loss read the targets in another context than the one they were sampled in, e.g. as second answers to other first ones. */
  isRearranged?: boolean;
}

export interface TokenTrace {
  id: number;
  text: string;
  logProb: number | null;
  refLogProb: number | null;
  kl: number | null;
  entropy: number | null;
}

export interface AttemptTrace {
  text: string;
  tokens: TokenTrace[];
  correct: boolean;
  rewards: Record<string, number | null>;
  advantage: number | null;
  /** Columns beside the score, numbers before texts; missing where the chunk has none. */
  extra?: Record<string, number | string | null>;
}

/** One readable sample. */
export interface Trace {
  index: number;
  step: number;
  stage: string;
  kind: TraceChunk['kind'];
  problem: number;
  first: number;
  prompt: string;
  instruction: string;
  attempts: AttemptTrace[];
  flip: FlipClass | null;
}
