// Rows of a stored tensor, asked for within its bounds.
import { refuse } from './refuse';
import type { StoredTensor } from './tensorSource';

/** Of the matrix [rows, last dimension]; a vector and a single number are one row. */
export const rowsOf = (shape: number[]): number => shape.slice(0, -1).reduce((product, size) => product * size, 1);

export function storedTensor(
  about: Omit<StoredTensor, 'readRows'>,
  read: (first: number, count: number) => Promise<Uint8Array>,
): StoredTensor {
  const rows = rowsOf(about.shape);
  return {
    ...about,
    async readRows(first, count) {
      if (!(first >= 0 && count >= 0 && first + count <= rows)) {
        refuse(
          `tensor "${about.name}"`,
          `expected rows within 0…${rows}, got ${first}…${first + count}.`,
          'Report this.',
        );
      }
      return read(first, count);
    },
  };
}
