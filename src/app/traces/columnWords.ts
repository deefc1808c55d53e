// Names of kinds and columns in the page's words.
import type { TraceChunk } from '../../protocol/trace';
import { EXTRA } from '../../store/traceTable';
import type { Translate } from '../i18n/catalogue';
import { useScreenWords } from '../i18n/screenWords';
import { extraName, termName } from '../samples/sampleWords';
import { useWords } from '../studioContext';
import { type TracesWord, words } from './words';

export type Say = (key: TracesWord, parameters?: Record<string, string | number>) => string;

export const kindKeys: Record<TraceChunk['kind'], TracesWord> = {
  train: 'kind.train',
  eval_greedy: 'kind.eval_greedy',
  eval_sampled: 'kind.eval_sampled',
};

const plain: Record<string, TracesWord> = {
  step: 'column.step',
  problem: 'column.problem',
  flip: 'column.flip',
  unchanged: 'column.unchanged',
};
const fields: Record<string, TracesWord> = {
  total: 'column.total',
  advantage: 'column.advantage',
  length: 'column.length',
};

/** @param column as in `columnNames` of the table */
export function columnName(say: Say, t: Translate, column: string): string {
  if (plain[column]) return say(plain[column]);
  const at = column.lastIndexOf('@');
  const field = column.slice(0, at);
  const isExtra = field.startsWith(EXTRA);
  const name = fields[field]
    ? say(fields[field])
    : isExtra
      ? extraName(t, field.slice(EXTRA.length))
      : termName(t, field);
  return say(column.endsWith('@1') ? 'column.first' : 'column.second', { name });
}

/** The screen's words beside the page's. */
export function useTraceWords() {
  return { say: useScreenWords(words) as Say, ...useWords() };
}
