// What this JavaScript engine can compile, asked with tiny modules rather than by its name.

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** type section: one function () -> v128; function section: one of it. */
const ONE_FUNCTION = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00];
/** i32.const 0; i8x16.splat */
const SPLAT = [0x41, 0x00, 0xfd, 0x0f];

function validates(body: number[]): boolean {
  const code = [0x00, ...body, 0x0b];
  const section = [0x01, code.length, ...code];
  return WebAssembly.validate(new Uint8Array([...HEADER, ...ONE_FUNCTION, 0x0a, section.length, ...section]));
}

export const hasSimd = (): boolean => validates(SPLAT);

/** f32x4.relaxed_madd, opcode 0x105. */
export const hasRelaxedSimd = (): boolean => validates([...SPLAT, ...SPLAT, ...SPLAT, 0xfd, 0x85, 0x02]);

/** Whether a shared memory may be handed to other threads: always in Node, in a page only when it is cross-origin isolated. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true;
}
