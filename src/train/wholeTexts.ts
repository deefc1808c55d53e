// Whole texts, one per row, in which every token after the first carries loss: prompts, template and answers alike.
import { dispose, tensor } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { sampleTokens } from '../ops/sampleTokens/sampleTokens';
import type { AnswerBatch } from './answerBatch';
import { BatchPacker } from './packedBatch';
import { frozenLogits } from './weightedUpdate';

/** @returns a batch whose "answers" are the texts without their first tokens */
export function packWholeTexts(texts: readonly Int32Array[], padId: number): AnswerBatch {
  const packer = new BatchPacker();
  const offsets = [0];
  for (const ids of texts) {
    const row = packer.newRow();
    packer.append(row, ids);
    for (let t = 0; t + 1 < ids.length; t++) packer.predict(row, t, ids[t + 1]);
    offsets.push(offsets[offsets.length - 1] + ids.length - 1);
  }
  return { ...packer.finish(padId), offsets: Int32Array.from(offsets) };
}

/** The likeliest token after each position of each text, all of it given (teacher forcing): nothing is generated. */
export async function likeliestTokens(
  model: LanguageModel,
  adapter: Adapter | null,
  texts: readonly Int32Array[],
): Promise<Int32Array[]> {
  const packer = new BatchPacker();
  for (const ids of texts) {
    const row = packer.newRow();
    packer.append(row, ids);
    for (let t = 0; t < ids.length; t++) packer.predict(row, t, 0);
  }
  const batch = packer.finish(model.chat.endId);
  const logits = frozenLogits(model, adapter, batch);
  const keys = tensor(new Int32Array(2 * batch.from.length), [batch.from.length, 2], 'int32');
  const { ids, logProb, entropy } = sampleTokens(logits, keys, { temperature: 0, topK: 0, topP: 1, seed: 0 });
  const flat = Int32Array.from(await ids.data());
  dispose([logits, keys, ids, logProb, entropy]);
  let at = 0;
  return texts.map((text) => flat.subarray(at, (at += text.length)));
}
