// GPT-2's alphabet: every byte has a printable letter. Bytes that are printable in Latin-1 stand for themselves, the other 68 are
// U+0100 and up in their order.

const LETTERS: string[] = [];
let beyond = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  LETTERS.push(String.fromCharCode(printable ? byte : beyond++));
}

const BYTES = new Map(LETTERS.map((letter, byte) => [letter, byte]));
const encoder = new TextEncoder();

/** The UTF-8 bytes of a text, one letter per byte. Lone halves of a pair become U+FFFD, as everywhere in UTF-8. */
export function toByteLetters(text: string): string {
  let letters = '';
  let ascii = true;
  for (let i = 0; ascii && i < text.length; i++) {
    const code = text.charCodeAt(i);
    ascii = code < 0x80;
    if (ascii) letters += LETTERS[code];
  }
  if (ascii) return letters;
  letters = '';
  for (const byte of encoder.encode(text)) letters += LETTERS[byte];
  return letters;
}

/** The bytes a token stands for; a token with other letters stands for its own UTF-8. */
export function bytesOfLetters(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES.get(token[i]);
    if (byte === undefined) return encoder.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}
