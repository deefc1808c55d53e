// The "model" of a tokenizer.json: BPE or Unigram, read field by field.
import { type BytePairs, createBytePairs, pairKey, type SubwordModel } from './bytePairs';
import {
  isObject,
  type JsonObject,
  readFlag,
  readId,
  readList,
  readNumber,
  readObject,
  readText,
  refuseTokenizer,
} from './readFields';
import { createUnigram } from './unigram';

export interface Vocabulary {
  model: SubwordModel;
  ids: ReadonlyMap<string, number>;
}

const WHERE = 'tokenizer.json, model';

/** Ids of the 256 byte tokens; null when one is missing: then no character is written in bytes. */
function findByteIds(ids: ReadonlyMap<string, number>): number[] | null {
  const found: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const id = ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id === undefined) return null;
    found.push(id);
  }
  return found;
}

/** ["a", "b"] or "a b". */
function readPair(entry: unknown, where: string): [string, string] {
  if (typeof entry === 'string') {
    const at = entry.indexOf(' ', 1);
    if (at > 0) return [entry.slice(0, at), entry.slice(at + 1)];
  } else if (Array.isArray(entry) && entry.length === 2) {
    return [readText(entry[0], where), readText(entry[1], where)];
  }
  return refuseTokenizer(where, 'two tokens that are joined', entry);
}

function readMerges(fields: JsonObject, ids: ReadonlyMap<string, number>): BytePairs['merges'] {
  const merges = new Map<number, { rank: number; id: number }>();
  readList(fields.merges, `${WHERE}.merges`).forEach((entry, rank) => {
    const where = `${WHERE}.merges[${rank}]`;
    const [left, right] = readPair(entry, where);
    const parts = [ids.get(left), ids.get(right), ids.get(left + right)];
    if (parts.some((id) => id === undefined)) {
      refuseTokenizer(where, 'tokens of the vocabulary, joined one too', `${left} ${right}`);
    }
    const [leftId, rightId, id] = parts as number[];
    merges.set(pairKey(leftId, rightId), { rank, id });
  });
  return merges;
}

function readBytePairs(fields: JsonObject): Vocabulary {
  const ids = new Map<string, number>();
  for (const [text, id] of Object.entries(readObject(fields.vocab, `${WHERE}.vocab`))) {
    ids.set(text, readId(id, `${WHERE}.vocab["${text}"]`));
  }
  for (const name of ['continuing_subword_prefix', 'end_of_word_suffix', 'dropout']) {
    if (fields[name]) refuseTokenizer(`${WHERE}.${name}`, 'none', fields[name]);
  }
  const unknownText = fields.unk_token ?? null;
  const unknown = unknownText === null ? null : ids.get(readText(unknownText, `${WHERE}.unk_token`));
  if (unknown === undefined) refuseTokenizer(`${WHERE}.unk_token`, 'a token of the vocabulary', unknownText);
  const model = createBytePairs({
    vocabulary: ids,
    merges: readMerges(fields, ids),
    unknown,
    fuseUnknown: readFlag(fields.fuse_unk, `${WHERE}.fuse_unk`),
    byteIds: readFlag(fields.byte_fallback, `${WHERE}.byte_fallback`) ? findByteIds(ids) : null,
    ignoreMerges: readFlag(fields.ignore_merges, `${WHERE}.ignore_merges`),
  });
  return { model, ids };
}

function readUnigram(fields: JsonObject): Vocabulary {
  const tokens = readList(fields.vocab, `${WHERE}.vocab`).map((entry, id): [string, number] => {
    const [text, score] = readList(entry, `${WHERE}.vocab[${id}]`);
    return [readText(text, `${WHERE}.vocab[${id}]`), readNumber(score, `${WHERE}.vocab[${id}], score`)];
  });
  const ids = new Map(tokens.map(([text], id) => [text, id]));
  const unknown =
    fields.unk_id === null || fields.unk_id === undefined ? null : readId(fields.unk_id, `${WHERE}.unk_id`);
  if (unknown !== null && unknown >= tokens.length) {
    refuseTokenizer(`${WHERE}.unk_id`, `a token of ${tokens.length}`, unknown);
  }
  const byteIds = readFlag(fields.byte_fallback, `${WHERE}.byte_fallback`) ? findByteIds(ids) : null;
  return { model: createUnigram({ tokens, unknown, byteIds }), ids };
}

/** @param json tokenizer.json's "model". Old files do not name its type. */
export function readSubwordModel(json: unknown): Vocabulary {
  const fields = readObject(json, WHERE);
  const type =
    fields.type ?? (Array.isArray(fields.vocab) ? 'Unigram' : isObject(fields.vocab) && fields.merges ? 'BPE' : null);
  if (type === 'BPE') return readBytePairs(fields);
  if (type === 'Unigram') return readUnigram(fields);
  return refuseTokenizer(`${WHERE}.type`, 'BPE, Unigram or WordLevel', type);
}
