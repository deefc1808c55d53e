// Writing where a look at the tokens is dear (`webgpu`: a read-back waits for the GPU): up to sixteen tokens of every row are drawn one
// after the other on the device, each step fed by the ids of the one before, and read together. Rows that ended meanwhile have written
// too much, which nobody reads. A row's tokens depend on its own past and its own streams alone, so they are what single steps give.
import { dispose, type Tensor, type Tensor1D, tensor1d, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { logitsOf } from '../models/model';
import { sampleTokens } from '../ops/sampleTokens/sampleTokens';
import type { Decoder, Drawn, Sampling } from './generate';
import { type CachedRow, rowLength } from './keyValueCache';

/** Tokens between two looks at them. */
const AHEAD = 16;

interface Token {
  id: number;
  logProb: number;
  entropy: number;
}

/** A row with what it has written and nobody has asked for yet. */
interface Writer {
  row: CachedRow;
  last: number;
  stream: number;
  /** of the next token within its answer */
  position: number;
}

export class AheadWriter {
  private readonly waiting = new WeakMap<CachedRow, Token[]>();

  constructor(
    private readonly decoder: Decoder,
    private readonly sampling: Sampling,
  ) {}

  /** As TokenWriter.write. */
  async write(rows: readonly CachedRow[], last: Int32Array, keys: Int32Array): Promise<Drawn> {
    const isEmpty = (row: CachedRow) => (this.waiting.get(row)?.length ?? 0) === 0;
    if (rows.some(isEmpty)) {
      const writers = rows.map(
        (row, r): Writer => ({ row, last: last[r], stream: keys[2 * r], position: keys[2 * r + 1] }),
      );
      await this.writeAhead(writers.filter((writer) => this.wantsMore(writer)));
    }
    const tokens = rows.map((row) => {
      row.own.length++;
      const token = this.waiting.get(row)?.shift();
      if (!token)
        throw new Error('decoding: expected a token for every row, one has none. Ask for no more than maxTokens.');
      return token;
    });
    return {
      ids: tokens.map(({ id }) => id),
      logProbs: tokens.map(({ logProb }) => logProb),
      entropies: tokens.map(({ entropy }) => entropy),
    };
  }

  /** Tokens that the answer may still get beyond those that wait. */
  private room({ row, position }: Writer): number {
    return this.sampling.maxTokens - position - (this.waiting.get(row)?.length ?? 0);
  }

  private wantsMore(writer: Writer): boolean {
    const waiting = this.waiting.get(writer.row) ?? [];
    const { endId } = this.decoder.model.chat;
    return waiting.length < AHEAD && this.room(writer) > 0 && waiting.at(-1)?.id !== endId;
  }

  private async writeAhead(writers: readonly Writer[]): Promise<void> {
    const count = Math.min(AHEAD, Math.max(...writers.map((writer) => this.room(writer))));
    const lead = writers.map(({ row }) => this.waiting.get(row)?.length ?? 0);
    const first = writers.map(({ row, last }) => this.waiting.get(row)?.at(-1)?.id ?? last);
    const drawn: Tensor[][] = [];
    const given = tensor1d(first, 'int32');
    for (let step = 0; step < count; step++) {
      const ids = step > 0 ? (drawn[step - 1][0] as Tensor1D) : given;
      drawn.push(
        this.step(
          writers,
          ids,
          lead.map((waiting) => waiting + step),
        ),
      );
    }
    const columns = await Promise.all(drawn.map((outputs) => Promise.all(outputs.map((output) => output.data()))));
    dispose([given, ...drawn.flat()]);
    const { endId } = this.decoder.model.chat;
    writers.forEach((writer, w) => {
      const tokens = this.waiting.get(writer.row) ?? [];
      const room = this.room(writer);
      for (let step = 0; step < Math.min(count, room) && tokens.at(-1)?.id !== endId; step++) {
        const [id, logProb, entropy] = columns[step].map((values) => values[w]);
        tokens.push({ id, logProb, entropy });
      }
      this.waiting.set(writer.row, tokens);
    });
  }

  /** One token for every row, `lead` tokens behind what has been asked for. @returns ids, log-probabilities, entropies */
  private step(writers: readonly Writer[], ids: Tensor1D, lead: readonly number[]): Tensor[] {
    const { model, adapter, cache } = this.decoder;
    const isOver = writers.map((writer, w) => writer.position + lead[w] >= this.sampling.maxTokens);
    const places = writers.map(({ row: { past, own } }, w): CachedRow => {
      if (isOver[w]) return { past: [], own: cache.nowhere };
      return { past, own: { slot: own.slot, length: own.length + lead[w] } };
    });
    const positions = places.map(rowLength);
    if (Math.max(...positions) >= model.architecture.shape.maxPositions) {
      throw new RangeError(
        `decoding: expected at most ${model.architecture.shape.maxPositions} positions, got ${Math.max(...positions) + 1}.`,
      );
    }
    const keys = writers.flatMap(({ stream, position }, w) => [stream, position + lead[w]]);
    const { temperature, topK, topP, seed } = this.sampling;
    return tidy(() => {
      const chains = cache.chains(places, 1);
      const links = tensor3d(chains, [writers.length, chains.length / writers.length / 2, 2], 'int32');
      const hidden = cache.readTensors(adapter, ids, tensor1d(positions, 'int32'), links);
      const draws = tensor2d(keys, [writers.length, 2], 'int32');
      const drawn = sampleTokens(logitsOf(model, adapter, hidden), draws, { temperature, topK, topP, seed });
      return [drawn.ids, drawn.logProb, drawn.entropy];
    });
  }
}
