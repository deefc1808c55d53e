// What a tokenizer does to the text before it looks for tokens: Unicode forms, replacements, prefixes.
import { type AlignedText, applyEdits, type Edit } from './alignedText';
import { readPattern } from './onigurumaPattern';
import { readFlag, readList, readObject, readShortText, readText, refuseTokenizer } from './readFields';

export type Normalizer = (input: AlignedText) => AlignedText;

const FORMS = new Set(['NFC', 'NFD', 'NFKC', 'NFKD']);

/** Stretches whose Unicode forms do not depend on their neighbours: a character with its marks, or a run of Hangul. */
const INDEPENDENT =
  /[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdf][\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdf\p{M}]*|[\s\S][\p{M}\uff9e\uff9f]*/gu;

/** Every stretch by itself, where that gives the same as the whole; otherwise the whole is one stretch. */
function mapStretches(input: AlignedText, change: (text: string) => string): AlignedText {
  const whole = change(input.text);
  if (whole === input.text) return input;
  const edits: Edit[] = [];
  for (const { 0: part, index } of input.text.matchAll(INDEPENDENT)) {
    const by = change(part);
    if (by !== part) edits.push({ from: index, to: index + part.length, by });
  }
  const mapped = applyEdits(input, edits);
  return mapped.text === whole ? mapped : applyEdits(input, [{ from: 0, to: input.text.length, by: whole }]);
}

function replaceAll(pattern: RegExp, by: string): Normalizer {
  return (input) => {
    const edits: Edit[] = [];
    for (const { 0: found, index } of input.text.matchAll(pattern)) {
      edits.push({ from: index, to: index + found.length, by });
    }
    return applyEdits(input, edits);
  };
}

function strip(left: boolean, right: boolean): Normalizer {
  return (input) => {
    const edits: Edit[] = [];
    const lead = left ? (/^\p{White_Space}+/u.exec(input.text)?.[0].length ?? 0) : 0;
    if (lead > 0) edits.push({ from: 0, to: lead, by: '' });
    // Backwards by hand: a pattern for the end would try every blank of the text.
    let end = input.text.length;
    while (right && end > lead && /\p{White_Space}/u.test(input.text[end - 1])) end--;
    if (end < input.text.length) edits.push({ from: end, to: input.text.length, by: '' });
    return applyEdits(input, edits);
  };
}

/** @param json a "normalizer" of tokenizer.json, or null */
export function readNormalizer(json: unknown, where: string, depth = 0): Normalizer {
  if (json === null || json === undefined) return (input) => input;
  const fields = readObject(json, where);
  const type = readText(fields.type, `${where}.type`);
  if (FORMS.has(type)) return (input) => mapStretches(input, (text) => text.normalize(type));
  switch (type) {
    case 'Sequence': {
      if (depth > 4) refuseTokenizer(where, 'sequences nested at most five deep', type);
      const steps = readList(fields.normalizers, `${where}.normalizers`).map((step, i) =>
        readNormalizer(step, `${where}.normalizers[${i}]`, depth + 1),
      );
      if (steps.length > 32) refuseTokenizer(where, 'at most 32 steps', steps.length);
      return (input) => steps.reduce((text, step) => step(text), input);
    }
    case 'Lowercase':
      return (input) => mapStretches(input, (text) => text.toLowerCase());
    case 'StripAccents':
      return replaceAll(/\p{Mn}+/gu, '');
    case 'Strip':
      return strip(
        readFlag(fields.strip_left, `${where}.strip_left`),
        readFlag(fields.strip_right, `${where}.strip_right`),
      );
    case 'Prepend': {
      const by = readShortText(fields.prepend, `${where}.prepend`);
      return (input) => (input.text === '' ? input : applyEdits(input, [{ from: 0, to: 0, by }]));
    }
    case 'Replace':
      return replaceAll(
        readPattern(fields.pattern, `${where}.pattern`),
        readShortText(fields.content, `${where}.content`),
      );
    default:
      return refuseTokenizer(`${where}.type`, 'a normalizer that is implemented', type);
  }
}
