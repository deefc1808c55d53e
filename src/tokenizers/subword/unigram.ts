// Unigram: of all ways to cut a piece into tokens, the one with the highest sum of scores (Viterbi, left to right; of equal sums the
// one found first). A character that is no token costs the lowest score less ten.
import type { PieceTokens, SubwordModel } from './bytePairs';

export interface UnigramTokens {
  tokens: readonly (readonly [text: string, score: number])[];
  unknown: number | null;
  /** ids of <0x00> … <0xFF>, where unknown stretches become bytes */
  byteIds: readonly number[] | null;
}

const UNKNOWN_PENALTY = 10;
const encoder = new TextEncoder();

/** A tree of all tokens: (node, next UTF-16 unit) → node. */
function plantTokens(tokens: UnigramTokens['tokens']): { step: Map<number, number>; idAt: number[] } {
  const step = new Map<number, number>();
  const idAt = [-1];
  tokens.forEach(([text], id) => {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      const key = node * 0x10000 + text.charCodeAt(i);
      let next = step.get(key);
      if (next === undefined) {
        next = idAt.length;
        idAt.push(-1);
        step.set(key, next);
      }
      node = next;
    }
    if (node > 0) idAt[node] = id;
  });
  return { step, idAt };
}

export function createUnigram({ tokens, unknown, byteIds }: UnigramTokens): SubwordModel {
  const { step, idAt } = plantTokens(tokens);
  const ids = new Map(tokens.map(([text], id) => [text, id]));
  const lowest = tokens.reduce((low, [, score]) => Math.min(low, score), Number.POSITIVE_INFINITY) - UNKNOWN_PENALTY;

  /** Ends of the best cut, last first, with the id of each part (−1: unknown). */
  function bestCut(piece: string): [start: number, end: number, id: number][] {
    const score = new Float64Array(piece.length + 1).fill(Number.NEGATIVE_INFINITY);
    const from = new Int32Array(piece.length + 1).fill(-1);
    const by = new Int32Array(piece.length + 1);
    const offer = (end: number, sum: number, start: number, id: number) => {
      if (from[end] >= 0 && sum <= score[end]) return;
      score[end] = sum;
      from[end] = start;
      by[end] = id;
    };
    score[0] = 0;
    for (let at = 0; at < piece.length; ) {
      const width = (piece.codePointAt(at) as number) > 0xffff ? 2 : 1;
      let single = false;
      let node: number | undefined = 0;
      for (let end = at + 1; end <= piece.length; end++) {
        node = step.get(node * 0x10000 + piece.charCodeAt(end - 1));
        if (node === undefined) break;
        if (idAt[node] < 0) continue;
        offer(end, tokens[idAt[node]][1] + score[at], at, idAt[node]);
        single ||= end === at + width;
      }
      if (!single) offer(at + width, lowest + score[at], at, -1);
      at += width;
    }
    const parts: [number, number, number][] = [];
    for (let end = piece.length; end > 0; end = from[end]) parts.push([from[end], end, by[end]]);
    return parts;
  }

  return (piece) => {
    const out: PieceTokens = { ids: [], ends: [] };
    const add = (id: number, end: number) => {
      out.ids.push(id);
      out.ends.push(end);
    };
    const parts = bestCut(piece);
    const isUnknown = (id: number) => id < 0 || id === unknown;
    for (let i = parts.length - 1; i >= 0; i--) {
      const start = parts[i][0];
      // Unknown neighbours are one.
      while (isUnknown(parts[i][2]) && i > 0 && isUnknown(parts[i - 1][2])) i--;
      const [, end, id] = parts[i];
      if (!isUnknown(id)) {
        add(id, end);
        continue;
      }
      const text = piece.slice(start, end);
      const known = ids.get(text);
      if (known !== undefined) add(known, end);
      else if (byteIds) {
        let at = start;
        for (const c of text) {
          at += c.length;
          for (const byte of encoder.encode(c)) add(byteIds[byte], at);
        }
      } else if (unknown !== null) add(unknown, end);
    }
    return out;
  };
}
