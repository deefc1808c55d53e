// Byte-pair encoding: characters, joined pair by pair in the order of the merges; of equal ranks the leftmost first. A heap keeps a
// piece of n characters at n log n, since some tokenizers read a whole text as one piece.

/** Tokens of a piece; `ends[i]` is where token i ends in it, in UTF-16 units. */
export interface PieceTokens {
  ids: number[];
  ends: number[];
}

/** Several tokens of one character (its bytes) end where the character ends. */
export type SubwordModel = (piece: string) => PieceTokens;

export interface BytePairs {
  vocabulary: ReadonlyMap<string, number>;
  /** left id · 2^22 + right id → rank (lower joins first) and the id of the joined token */
  merges: ReadonlyMap<number, { rank: number; id: number }>;
  unknown: number | null;
  fuseUnknown: boolean;
  /** ids of <0x00> … <0xFF>, where characters outside of the vocabulary become bytes */
  byteIds: readonly number[] | null;
  /** a piece that is a token stays one, even if no merge reaches it */
  ignoreMerges: boolean;
}

export const pairKey = (left: number, right: number): number => left * 2 ** 22 + right;

const encoder = new TextEncoder();
/** A heap's key: rank first, then position. */
const POSITIONS = 2 ** 30;

function push(heap: number[], key: number): void {
  let at = heap.length;
  heap.push(key);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent] <= key) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = key;
}

function pop(heap: number[]): number {
  const top = heap[0];
  const key = heap.pop() as number;
  const { length } = heap;
  if (length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= key) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = key;
  return top;
}

/** The characters of a piece as tokens: as in the vocabulary, else their bytes, else unknown, else nothing. */
function charactersOf(piece: string, model: BytePairs): PieceTokens {
  const ids: number[] = [];
  const ends: number[] = [];
  let unknownEnd = -1;
  const flush = () => {
    if (unknownEnd < 0 || model.unknown === null) return;
    ids.push(model.unknown);
    ends.push(unknownEnd);
    unknownEnd = -1;
  };
  let at = 0;
  for (const c of piece) {
    at += c.length;
    const id = model.vocabulary.get(c);
    if (id !== undefined) {
      flush();
      ids.push(id);
      ends.push(at);
    } else if (model.byteIds) {
      for (const byte of encoder.encode(c)) {
        ids.push(model.byteIds[byte]);
        ends.push(at);
      }
    } else {
      if (!model.fuseUnknown) flush();
      unknownEnd = at;
    }
  }
  flush();
  return { ids, ends };
}

/** Neighbours on either side, for the piece in work: most pieces are a word, and a new array for each would cost more than the merging. */
let before = new Int32Array(256);
let after = new Int32Array(256);

function mergePairs({ ids, ends }: PieceTokens, merges: BytePairs['merges']): PieceTokens {
  const count = ids.length;
  if (count < 2) return { ids, ends };
  if (before.length < count) {
    before = new Int32Array(2 * count);
    after = new Int32Array(2 * count);
  }
  const heap: number[] = [];
  const rankAt = (left: number): { rank: number; id: number } | undefined =>
    after[left] < count ? merges.get(pairKey(ids[left], ids[after[left]])) : undefined;
  const queue = (left: number) => {
    const merge = left >= 0 ? rankAt(left) : undefined;
    if (merge) push(heap, merge.rank * POSITIONS + left);
  };
  for (let i = 0; i < count; i++) {
    before[i] = i - 1;
    after[i] = i + 1;
  }
  for (let i = 0; i + 1 < count; i++) queue(i);
  while (heap.length > 0) {
    const key = pop(heap);
    const left = key % POSITIONS;
    if (ids[left] < 0) continue;
    // The pair may have changed since it was queued.
    const merge = rankAt(left);
    if (!merge || merge.rank !== (key - left) / POSITIONS) continue;
    const right = after[left];
    ids[left] = merge.id;
    ends[left] = ends[right];
    ids[right] = -1;
    after[left] = after[right];
    if (after[left] < count) before[after[left]] = left;
    queue(before[left]);
    queue(left);
  }
  const kept: PieceTokens = { ids: [], ends: [] };
  for (let i = 0; i < count; i = after[i]) {
    kept.ids.push(ids[i]);
    kept.ends.push(ends[i]);
  }
  return kept;
}

export function createBytePairs(model: BytePairs): SubwordModel {
  return (piece) => {
    if (model.ignoreMerges) {
      const id = model.vocabulary.get(piece);
      if (id !== undefined) return { ids: [id], ends: [piece.length] };
    }
    return mergePairs(charactersOf(piece, model), model.merges);
  };
}
