// Errors that cross the wall keep their class: one class per reaction of the page, not per sentence.

/** `model`: choose another model. `input`: correct what was given. `device`: the GPU went away, resume.
 *  `storage`: free space. `numerics`: the run paused itself. `internal`: a fault of ours. */
export type ErrorKind = 'model' | 'input' | 'device' | 'storage' | 'numerics' | 'internal';

export interface WireError {
  kind: ErrorKind;
  /** where: what was expected, what came, what to do. */
  message: string;
}

/** An error the page knows how to react to. */
export class StudioError extends Error {
  constructor(
    readonly kind: ErrorKind,
    message: string,
  ) {
    super(message);
    this.name = 'StudioError';
  }
}

/** What goes over the wall. Unknown errors become `internal` with their own words. */
export function toWireError(error: unknown): WireError {
  if (error instanceof StudioError) return { kind: error.kind, message: error.message };
  if (error instanceof RangeError) return { kind: 'input', message: error.message };
  return { kind: 'internal', message: error instanceof Error ? error.message : String(error) };
}
