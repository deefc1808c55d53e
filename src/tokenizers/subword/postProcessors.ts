// What is put round a text that is encoded as a document (begin and end tokens). Chat templates write these themselves.
import { isObject, readId, readList, readObject, readText, refuseTokenizer } from './readFields';

/** A sequence (0: the text, 1: its partner) or ids, with the number that tells which of the two they belong to. */
export type Frame = { part: number | number[]; typeId: number }[];

export interface PostProcessor {
  single: Frame;
  pair: Frame;
}

const PLAIN: PostProcessor = {
  single: [{ part: 0, typeId: 0 }],
  pair: [
    { part: 0, typeId: 0 },
    { part: 1, typeId: 1 },
  ],
};

function readFrame(json: unknown, special: Record<string, unknown>, where: string): Frame {
  const list = readList(json, where);
  if (list.length > 64) refuseTokenizer(where, 'at most 64 parts', list.length);
  return list.map((entry, i) => {
    const part = readObject(entry, `${where}[${i}]`);
    if (isObject(part.Sequence)) {
      const { id, type_id } = part.Sequence;
      if (id !== 'A' && id !== 'B') refuseTokenizer(`${where}[${i}]`, 'sequence A or B', id);
      return { part: id === 'A' ? 0 : 1, typeId: readId(type_id ?? 0, `${where}[${i}].type_id`) };
    }
    const token = readObject(part.SpecialToken, `${where}[${i}].SpecialToken`);
    const name = readText(token.id, `${where}[${i}].SpecialToken.id`);
    const ids = readObject(Object.hasOwn(special, name) ? special[name] : null, `${where}, special_tokens.${name}`).ids;
    return {
      part: readList(ids, `${where}, special_tokens.${name}.ids`).map((id) => readId(id, `${where}, ${name}`)),
      typeId: readId(token.type_id ?? 0, `${where}[${i}].type_id`),
    };
  });
}

/** @param json the "post_processor" of tokenizer.json, or null */
export function readPostProcessor(json: unknown, where = 'tokenizer.json, post_processor', depth = 0): PostProcessor {
  if (json === null || json === undefined) return PLAIN;
  const fields = readObject(json, where);
  const type = readText(fields.type, `${where}.type`);
  if (type === 'ByteLevel') return PLAIN;
  if (type === 'Sequence') {
    if (depth > 4) refuseTokenizer(where, 'sequences nested at most five deep', type);
    const steps = readList(fields.processors, `${where}.processors`)
      .map((step, i) => readPostProcessor(step, `${where}.processors[${i}]`, depth + 1))
      .filter((step) => step !== PLAIN);
    if (steps.length > 1) refuseTokenizer(where, 'one step that adds tokens', steps.length);
    return steps[0] ?? PLAIN;
  }
  if (type !== 'TemplateProcessing') refuseTokenizer(`${where}.type`, 'a post-processor that is implemented', type);
  const special = readObject(fields.special_tokens ?? {}, `${where}.special_tokens`);
  return {
    single: readFrame(fields.single, special, `${where}.single`),
    pair: readFrame(fields.pair, special, `${where}.pair`),
  };
}
