// The second bundled model before it has learnt anything: the configuration, template and initial weights of the first (dialLlama.ts),
// with the words of Left.

import { CORRECTION_INSTRUCTION, VERDICT_QUESTION } from '../lib/dialProblem';
import { LEFT_LIMIT } from '../lib/leftProblem';
import { DIAL_CONFIG, tokenizerJsonOf } from './dialLlama';

/** Every token in the order of its id; the same special ones and sentences as Dial's. */
function leftVocabulary(): string[] {
  const numbers = Array.from({ length: 2 * LEFT_LIMIT + 1 }, (_, i) => String(i - LEFT_LIMIT));
  const words = ['make', 'from', 'left', '+', '-', 'yes', 'no', CORRECTION_INSTRUCTION, VERDICT_QUESTION];
  const used = ['<pad>', '<|user|>', '<|assistant|>', '<|end|>', '<unk>', ...numbers, ...words];
  const spare = DIAL_CONFIG.vocab_size - used.length;
  if (spare < 16) throw new RangeError(`left vocabulary: expected at least 16 spare entries, got ${spare}.`);
  return [...used, ...Array.from({ length: spare }, (_, i) => `<spare_${i}>`)];
}

/** tokenizer.json: WordLevel, split on white space. */
export const leftTokenizerJson = (): Record<string, unknown> => tokenizerJsonOf(leftVocabulary());
