// Numbers out of blocks in WGSL, one at a time, for every type that lib/blocks reads: the same bits as `dequantise`, because a product
// of a half-precision scale, a small scale and a small integer is exact in float32 and a minimum is taken away with one rounding.
import { BLOCK_TYPES } from '../../lib/blocks/blockTypes';
import { IQ4_LEVELS } from '../../lib/blocks/superBlocks';
import type { BlockName } from './quantMatrix';

/** Bytes of the storage `b`. Halves by hand: WGSL's unpacking may lose the smallest ones. */
const reading = `
fn byteAt(i: u32) -> u32 { return extractBits(bitcast<u32>(b[i >> 2u]), (i & 3u) * 8u, 8u); }
fn signedAt(i: u32) -> i32 { return extractBits(b[i >> 2u], (i & 3u) * 8u, 8u); }
fn shortAt(i: u32) -> u32 { return extractBits(bitcast<u32>(b[i >> 2u]), (i & 2u) * 8u, 16u); }
fn longAt(i: u32) -> u32 { return shortAt(i) | (shortAt(i + 2u) << 16u); }
fn halfAt(i: u32) -> f32 {
  let bits = shortAt(i);
  let exponent = (bits >> 10u) & 31u;
  let fraction = bits & 1023u;
  let size = select(bitcast<f32>(((exponent + 112u) << 23u) | (fraction << 13u)), f32(fraction) * 5.9604644775390625e-8, exponent == 0u);
  return select(size, -size, bits > 32767u);
}
fn nibbleAt(i: u32, isHigh: bool) -> u32 { return select(byteAt(i) & 15u, byteAt(i) >> 4u, isHigh); }
`;

const levels = `const LEVELS = array<f32, 16>(${IQ4_LEVELS.map((level) => level.toFixed(1)).join(', ')});\n`;

/** Scale and minimum of group j of eight, 6 bits each, packed in 12 bytes. */
const scaleAndMinimum = `
fn scaleAndMinimum(i: u32, j: u32) -> vec2f {
  if (j < 4u) { return vec2f(f32(byteAt(i + j) & 63u), f32(byteAt(i + j + 4u) & 63u)); }
  let low = byteAt(i + j + 4u);
  return vec2f(f32((low & 15u) | ((byteAt(i + j - 4u) >> 6u) << 4u)), f32((low >> 4u) | ((byteAt(i + j) >> 6u) << 4u)));
}
`;

/** Text of the number at place \`c\` of the block that begins at byte \`at\`. */
const BODIES: Record<BlockName, string> = {
  F16: 'return halfAt(at);',
  BF16: 'return bitcast<f32>(shortAt(at) << 16u);',
  Q4_0: 'return halfAt(at) * (f32(nibbleAt(at + 2u + (c & 15u), c > 15u)) - 8.0);',
  Q4_1: 'return halfAt(at) * f32(nibbleAt(at + 4u + (c & 15u), c > 15u)) + halfAt(at + 2u);',
  Q5_0: `let fifth = extractBits(longAt(at + 2u), c, 1u) << 4u;
  return halfAt(at) * (f32(nibbleAt(at + 6u + (c & 15u), c > 15u) | fifth) - 16.0);`,
  Q5_1: `let fifth = extractBits(longAt(at + 4u), c, 1u) << 4u;
  return halfAt(at) * f32(nibbleAt(at + 8u + (c & 15u), c > 15u) | fifth) + halfAt(at + 2u);`,
  Q8_0: 'return halfAt(at) * f32(signedAt(at + 2u + c));',
  Q2_K: `let group = c >> 4u;
  let scale = byteAt(at + group);
  let quant = (byteAt(at + 16u + (group >> 3u) * 32u + (group & 1u) * 16u + (c & 15u)) >> (((group >> 1u) & 3u) * 2u)) & 3u;
  return halfAt(at + 80u) * f32(scale & 15u) * f32(quant) - halfAt(at + 82u) * f32(scale >> 4u);`,
  Q3_K: `let group = c >> 4u;
  let low = byteAt(at + 96u + (group & 7u)) >> select(4u, 0u, group < 8u);
  let high = byteAt(at + 104u + (group & 3u)) >> (2u * (group >> 2u));
  let step = halfAt(at + 108u) * (f32((low & 15u) | ((high & 3u) << 4u)) - 32.0);
  let quant = (byteAt(at + 32u + (group >> 3u) * 32u + (group & 1u) * 16u + (c & 15u)) >> (((group >> 1u) & 3u) * 2u)) & 3u;
  let isHigh = extractBits(byteAt(at + (group & 1u) * 16u + (c & 15u)), group >> 1u, 1u) == 1u;
  return step * (f32(quant) - select(4.0, 0.0, isHigh));`,
  Q4_K: `let group = c >> 5u;
  let scales = scaleAndMinimum(at + 4u, group);
  let quant = nibbleAt(at + 16u + (group >> 1u) * 32u + (c & 31u), (group & 1u) == 1u);
  return halfAt(at) * scales.x * f32(quant) - halfAt(at + 2u) * scales.y;`,
  Q5_K: `let group = c >> 5u;
  let scales = scaleAndMinimum(at + 4u, group);
  let fifth = extractBits(byteAt(at + 16u + (c & 31u)), group, 1u) << 4u;
  let quant = nibbleAt(at + 48u + (group >> 1u) * 32u + (c & 31u), (group & 1u) == 1u) | fifth;
  return halfAt(at) * scales.x * f32(quant) - halfAt(at + 2u) * scales.y;`,
  Q6_K: `let group = c >> 4u;
  let part = (group >> 1u) & 3u;
  let inner = (group & 1u) * 16u + (c & 15u);
  let low = nibbleAt(at + (group >> 3u) * 64u + (part & 1u) * 32u + inner, part > 1u);
  let high = extractBits(byteAt(at + 128u + (group >> 3u) * 32u + inner), 2u * part, 2u) << 4u;
  return halfAt(at + 208u) * f32(signedAt(at + 192u + group)) * (f32(low | high) - 32.0);`,
  IQ4_NL: `var table = LEVELS;
  return halfAt(at) * table[nibbleAt(at + 2u + (c & 15u), c > 15u)];`,
  IQ4_XS: `let group = c >> 5u;
  let low = nibbleAt(at + 4u + (group >> 1u), (group & 1u) == 1u);
  let step = halfAt(at) * (f32(low | (extractBits(shortAt(at + 2u), 2u * group, 2u) << 4u)) - 32.0);
  var table = LEVELS;
  return step * table[nibbleAt(at + 8u + group * 16u + (c & 15u), (c & 31u) > 15u)];`,
};

/** Declares \`numberAt(row, column)\` of the matrix in the storage \`b\`; the program has a parameter \`rowBytes\`. */
export function numberReading(type: BlockName): string {
  const { elements, bytes } = BLOCK_TYPES[type];
  const more = type.startsWith('IQ4') ? levels : type === 'Q4_K' || type === 'Q5_K' ? scaleAndMinimum : '';
  return `${reading}${more}
fn numberAt(row: u32, column: u32) -> f32 {
  let at = row * params.rowBytes + column / ${elements}u * ${bytes}u;
  let c = column % ${elements}u;
  ${BODIES[type]}
}
`;
}
