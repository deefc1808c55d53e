// npm run bench -- holding --model DIR|FILE: what each way of holding a model's matrices takes in memory and costs in perplexity of one
// fixed text (train/textPerplexity.ts).

import { openModel } from '../../models/openModel';
import type { Holding } from '../../models/residentWeights';
import { textPerplexity } from '../../train/textPerplexity';
import { describeModel } from '../nodeFiles';

const HOLDINGS: Holding[] = ['float32', 'stored', 'Q8_0', 'Q4_0'];

export async function compareHoldings(path: string, print: (line: string) => void) {
  const rows = [];
  for (const holding of HOLDINGS) {
    const description = await describeModel(path);
    const model = await openModel(description, { id: path, holding });
    const perplexity = await textPerplexity(model, null);
    print(
      `${holding.padEnd(10)} ${(model.bytes / 1e6).toFixed(1).padStart(8)} MB   perplexity ${perplexity.toFixed(4)}`,
    );
    rows.push({ holding, bytes: model.bytes, perplexity });
    model.dispose();
    await description.tensors.close();
  }
  return rows;
}
