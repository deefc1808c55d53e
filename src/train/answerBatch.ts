// Answers after their contexts as one packed batch: a row is [context | answer | answer | …], so that answers to the same context
// (a preference pair, the samples of one problem) share its forward pass. Which token belongs to which answer is kept.
import type { LanguageModel } from '../models/model';
import { BatchPacker, type PackedBatch } from './packedBatch';

export interface AnswerGroup {
  /** all that was said before, ready for the assistant to write */
  context: Int32Array;
  /** token ids, end token included */
  answers: Int32Array[];
}

export interface AnswerBatch extends PackedBatch {
  /** [A + 1] tokens of answer a are offsets[a] … offsets[a+1] of the N predicted ones; answers in the order of the groups */
  offsets: Int32Array;
}

/** Predicted tokens are those of the answers, end tokens included; contexts never are. Wants at least one answer. */
export function packAnswers(groups: readonly AnswerGroup[], padId: number): AnswerBatch {
  const packer = new BatchPacker();
  const offsets = [0];
  for (const { context, answers } of groups) {
    const row = packer.newRow();
    packer.append(row, context);
    const shared = packer.rowLength(row);
    for (const tokens of answers) {
      const start = packer.append(row, tokens.subarray(0, -1), shared);
      tokens.forEach((id, i) => {
        packer.predict(row, i === 0 ? shared - 1 : start + i - 1, id);
      });
      offsets.push(offsets[offsets.length - 1] + tokens.length);
    }
  }
  return { ...packer.finish(padId), offsets: Int32Array.from(offsets) };
}

/** A written answer as the model would have ended it. */
export function answerTokens(model: LanguageModel, text: string): Int32Array {
  return Int32Array.from([...model.tokenizer.encode(text), model.chat.endId]);
}
