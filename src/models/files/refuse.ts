// The one way a model file is refused: where, what was expected, what came, what to do.
import { StudioError } from '../../protocol/errors';

/** @param sentence "expected …, got …." @param advice what to do; the usual one when left out */
export function refuse(where: string, sentence: string, advice = 'The file is damaged; fetch it again.'): never {
  throw new StudioError('model', `${where}: ${sentence} ${advice}`);
}

/** A JSON object of a file, or a refusal. @param as what it serves as: " as header" */
export function parseJsonObject(bytes: Uint8Array, where: string, as = ''): Record<string, unknown> {
  let came = 'no JSON';
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (json && typeof json === 'object' && !Array.isArray(json)) return Object.fromEntries(Object.entries(json));
    came = Array.isArray(json) ? 'a list' : typeof json;
  } catch {
    // told below
  }
  return refuse(where, `expected a JSON object${as}, got ${came}.`);
}

/** Tensors that share bytes would take more memory than the file has. */
export function refuseOverlaps<T extends { name: string; from: number; bytes: number }>(
  places: T[],
  where: string,
): T[] {
  const sorted = [...places].sort((a, b) => a.from - b.from || a.bytes - b.bytes);
  for (let i = 1; i < sorted.length; i++) {
    const { name, from, bytes } = sorted[i - 1];
    if (from + bytes > sorted[i].from) {
      refuse(
        where,
        `expected tensors beside each other, got "${name.slice(0, 80)}" and "${sorted[i].name.slice(0, 80)}" in the same bytes.`,
      );
    }
  }
  return places;
}
