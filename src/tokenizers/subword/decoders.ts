// From tokens back to text: each step maps a list of tokens to a list of tokens.
import { bytesOfLetters } from './byteLetters';
import { readPattern } from './onigurumaPattern';
import { readList, readNumber, readObject, readShortText, readText, refuseTokenizer } from './readFields';

type Decoder = (tokens: string[]) => string[];

// A byte order mark is text here.
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

function decodeByteLetters(tokens: string[]): string[] {
  const parts = tokens.map(bytesOfLetters);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return [lossy.decode(bytes)];
}

/** The byte of "<0x41>", or null. */
export function byteOfToken(token: string): number | null {
  const match = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
  return match ? Number.parseInt(match[1], 16) : null;
}

/** A run of byte tokens is one stretch of UTF-8, or, if it is none, one U+FFFD per byte. */
function decodeByteTokens(tokens: string[]): string[] {
  const out: string[] = [];
  let run: number[] = [];
  const flush = () => {
    if (run.length === 0) return;
    try {
      out.push(strict.decode(Uint8Array.from(run)));
    } catch {
      out.push(...run.map(() => '\ufffd'));
    }
    run = [];
  };
  for (const token of tokens) {
    const byte = byteOfToken(token);
    if (byte !== null) run.push(byte);
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
}

function stripTokens(content: string, start: number, stop: number): Decoder {
  return (tokens) =>
    tokens.map((token) => {
      const characters = [...token];
      let from = 0;
      let to = characters.length;
      while (from < to && from < start && characters[from] === content) from++;
      while (to > from && characters.length - to < stop && characters[to - 1] === content) to--;
      return characters.slice(from, to).join('');
    });
}

/** @param json a "decoder" of tokenizer.json */
function readStep(json: unknown, where: string, depth: number): Decoder {
  const fields = readObject(json, where);
  const type = readText(fields.type, `${where}.type`);
  switch (type) {
    case 'Sequence': {
      if (depth > 4) refuseTokenizer(where, 'sequences nested at most five deep', type);
      const list = readList(fields.decoders, `${where}.decoders`);
      if (list.length > 32) refuseTokenizer(where, 'at most 32 steps', list.length);
      const steps = list.map((step, i) => readStep(step, `${where}.decoders[${i}]`, depth + 1));
      return (tokens) => steps.reduce((current, step) => step(current), tokens);
    }
    case 'ByteLevel':
      return decodeByteLetters;
    case 'ByteFallback':
      return decodeByteTokens;
    case 'Fuse':
      return (tokens) => [tokens.join('')];
    case 'Strip':
      return stripTokens(
        readShortText(fields.content, `${where}.content`),
        readNumber(fields.start, `${where}.start`),
        readNumber(fields.stop, `${where}.stop`),
      );
    case 'Replace': {
      const pattern = readPattern(fields.pattern, `${where}.pattern`);
      const content = readShortText(fields.content, `${where}.content`);
      return (tokens) => tokens.map((token) => token.replace(pattern, () => content));
    }
    case 'Metaspace': {
      const replacement = readShortText(fields.replacement ?? '▁', `${where}.replacement`);
      if (replacement.length !== 1) refuseTokenizer(`${where}.replacement`, 'one character', replacement);
      const drops = fields.prepend_scheme !== 'never' && fields.add_prefix_space !== false;
      return (tokens) => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && drops ? '' : ' '));
    }
    default:
      return refuseTokenizer(`${where}.type`, 'a decoder that is implemented', type);
  }
}

/** @param json the "decoder" of tokenizer.json; without one, tokens are joined by blanks */
export function readDecoder(json: unknown): (tokens: string[]) => string {
  if (json === null || json === undefined) return (tokens) => tokens.join(' ');
  const step = readStep(json, 'tokenizer.json, decoder', 0);
  return (tokens) => step(tokens).join('');
}
