// What a way of holding the weights costs: the perplexity of one fixed text, exp of the mean −log π of its tokens after the first.
// Lower is better; compare it between ways of holding the same model only, since models differ in their tokens.
import { dispose, tidy } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { BatchPacker, batchStatistics, batchTensors } from './packedBatch';

/** Written for this purpose: plain prose, some numbers, a few lines of code. */
const FIXED_TEXT = `The lighthouse keeper wrote in the same book every evening. She noted the wind, the height of the waves, and how many
ships had passed since noon. On most days there were three or four of them; on the twelfth of March there were none at all, because
a fog had come in before sunrise and did not lift until the following night. When the fog was at its thickest she could not see the
rail of her own gallery, and she rang the bell by hand: one stroke every twenty seconds, one hundred and eighty strokes an hour.

A visitor once asked her why she kept such careful lists, since nobody ever read them. She thought about it for a while. "If I write
down only what is unusual," she said, "then in ten years I will believe that every day was unusual. The ordinary days have to be in
the book as well." He asked to see the page of the day he was born, and there it was: wind from the south-west, seven ships, rain in
the afternoon, a letter from her sister.

He later counted the entries with a small program, which is not much longer than its description:

    total = 0
    for line in open("ships.txt"):
        day, count = line.split(",")
        total += int(count)
    print(total / 365)

The result was 3.8 ships a day, a little more than she had guessed. She wrote that down too.`;

/** Positions read together: enough for the products, few enough for the memory. */
const ROW = 256;

/** @returns perplexity of the text under `adapter` (null: the base) */
export async function textPerplexity(
  model: LanguageModel,
  adapter: Adapter | null,
  text: string = FIXED_TEXT,
): Promise<number> {
  const { ids } = model.tokenizer.encodeDocument(text);
  const length = Math.min(ROW, model.architecture.shape.maxPositions);
  let [total, count] = [0, 0];
  for (let first = 0; first + 1 < ids.length; first += length - 1) {
    // Rows overlap by one token, so that every token but the first is predicted once.
    const part = ids.slice(first, first + length);
    const packer = new BatchPacker();
    packer.append(packer.newRow(), part);
    for (let t = 1; t < part.length; t++) packer.predict(0, t - 1, part[t]);
    const batch = packer.finish(0);
    const tensors = batchTensors(batch);
    const logProb = tidy(() => batchStatistics(model, adapter, batch, tensors).logProb);
    for (const value of await logProb.data()) total -= value;
    count += part.length - 1;
    dispose([logProb, ...Object.values(tensors)]);
  }
  if (count === 0) throw new RangeError(`perplexity: expected a text of at least two tokens, got ${ids.length}.`);
  return Math.exp(total / count);
}
