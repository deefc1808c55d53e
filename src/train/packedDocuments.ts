// Whole conversations packed one behind the other into rows, each blind to the others: no padding but at the row ends.
import type { EncodedConversation } from '../tokenizers/chat';
import { BatchPacker, type PackedBatch } from './packedBatch';

/**
 * Greedy first-fit packing in the order given.
 * @param time row length; a longer conversation gets a row of its own and is cut there
 */
export function packDocuments(documents: readonly EncodedConversation[], time: number, padId: number): PackedBatch {
  const packer = new BatchPacker();
  const open: number[] = [];
  for (const { ids, mask } of documents) {
    const length = Math.min(ids.length, time);
    let row = open.find((candidate) => packer.rowLength(candidate) + length <= time);
    if (row === undefined) {
      row = packer.newRow();
      open.push(row);
    }
    const start = packer.append(row, ids.subarray(0, length));
    for (let i = 1; i < length; i++) if (mask[i]) packer.predict(row, start + i - 1, ids[i]);
    // a row with little room left is not searched again
    if (time - packer.rowLength(row) < 8) open.splice(open.indexOf(row), 1);
  }
  return packer.finish(padId);
}
