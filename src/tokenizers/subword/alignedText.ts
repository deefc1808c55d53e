// A text that was changed, with where each of its characters came from.

export interface AlignedText {
  text: string;
  /** per UTF-16 unit: where in the original it begins and ends. null: nothing changed, unit i is [i, i + 1) */
  starts: Int32Array | null;
  ends: Int32Array | null;
}

/** [from, to) of the text becomes `by`. */
export interface Edit {
  from: number;
  to: number;
  by: string;
}

/** Edits in ascending order, none overlapping. What is put in belongs to all of what it replaces; an insertion to no character. */
export function applyEdits(input: AlignedText, edits: readonly Edit[]): AlignedText {
  if (edits.length === 0) return input;
  const length = edits.reduce((sum, { from, to, by }) => sum + by.length - (to - from), input.text.length);
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  const startOf = (i: number) =>
    input.starts ? (i < input.starts.length ? input.starts[i] : (input.ends?.[i - 1] ?? 0)) : i;
  const endOf = (i: number) => (input.ends ? input.ends[i] : i + 1);
  const parts: string[] = [];
  let at = 0;
  let out = 0;
  const copyTo = (until: number) => {
    parts.push(input.text.slice(at, until));
    for (; at < until; at++, out++) {
      starts[out] = startOf(at);
      ends[out] = endOf(at);
    }
  };
  for (const { from, to, by } of edits) {
    copyTo(from);
    const start = startOf(from);
    const end = to > from ? endOf(to - 1) : start;
    starts.fill(start, out, out + by.length);
    ends.fill(end, out, out + by.length);
    parts.push(by);
    out += by.length;
    at = to;
  }
  copyTo(input.text.length);
  return { text: parts.join(''), starts, ends };
}
