// What the columns of a table mean to a trainer: guessed from their names, changed by whoever knows better, checked row by row.
import { fnv1a } from '../lib/fnv1a';
import {
  type ColumnMapping,
  DATASET_KINDS,
  type DatasetKind,
  type LineProblem,
  type Split,
  type SplitShares,
} from '../protocol/datasets';
import { shorten, type Table, type TableRow } from './dataTable';
import type { Message } from './messages';

/** Names that datasets use. */
const NAMES: Record<string, readonly string[]> = {
  messages: ['messages', 'conversations', 'conversation', 'dialogue'],
  problem: ['problem', 'question', 'query'],
  answer: ['answer', 'solution', 'response', 'final_answer', 'target'],
  prompt: ['prompt', 'instruction', 'input', 'question', 'context'],
  completion: ['completion', 'response', 'output', 'text', 'answer'],
  chosen: ['chosen', 'preferred', 'accepted'],
  rejected: ['rejected', 'dispreferred', 'refused'],
};

/** Most telling first. */
const ORDER: readonly DatasetKind[] = ['preference', 'messages', 'problem', 'completion'];

/** null: the names say nothing */
export function guessMapping(columns: readonly string[]): ColumnMapping | null {
  const find = (role: string) =>
    NAMES[role].flatMap((name) => columns.filter((column) => column.toLowerCase() === name)).at(0);
  for (const kind of ORDER) {
    const pairs = DATASET_KINDS[kind].map((role) => [role, find(role)] as const);
    // Chosen and rejected answers may hold the whole conversation.
    const needed = pairs.filter(([role]) => !(kind === 'preference' && role === 'prompt'));
    if (needed.every(([, column]) => column !== undefined)) {
      return {
        kind,
        columns: Object.fromEntries(pairs.flatMap(([role, column]) => (column === undefined ? [] : [[role, column]]))),
      };
    }
  }
  return null;
}

export interface DatasetExample {
  line: number;
  /** ends with what is learned: an answer of the assistant */
  messages: Message[];
  /** the answer that is not preferred, where there is one */
  rejected: Message[] | null;
  /** the problem's answer as it is given, where it can be checked */
  answer: string | null;
  split: Split;
}

/** By a hash of what is asked: the same question is never in two splits, and a new row moves no other. */
export function splitOf(question: string, { validation, test }: SplitShares): Split {
  const bucket = fnv1a(question) % 100;
  return bucket < test ? 'test' : bucket < test + validation ? 'validation' : 'train';
}

const ROLES: Record<string, Message['role']> = {
  system: 'system',
  user: 'user',
  assistant: 'assistant',
  human: 'user',
  gpt: 'assistant',
  model: 'assistant',
  bot: 'assistant',
};

/** A row cannot be used: the message says what was expected. */
class RowProblem extends Error {}

function readTextCell(row: TableRow, column: string | undefined, role: string): string {
  const value = column === undefined ? undefined : row.values[column];
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') {
    throw new RowProblem(
      `expected a text as ${role} in "${column}", got ${shorten(JSON.stringify(value) ?? 'nothing')}.`,
    );
  }
  if (text.trim() === '') throw new RowProblem(`expected a text as ${role} in "${column}", got an empty one.`);
  return text;
}

function readMessages(value: unknown, column: string): Message[] {
  let list = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      throw new RowProblem(`expected a list of messages in "${column}", got "${shorten(value)}".`);
    }
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw new RowProblem(
      `expected a list of messages in "${column}", got ${shorten(JSON.stringify(list) ?? 'nothing')}.`,
    );
  }
  return list.map((entry: unknown, i) => {
    const fields = entry !== null && typeof entry === 'object' ? (entry as Record<string, unknown>) : {};
    const role = fields.role ?? fields.from;
    const content = fields.content ?? fields.value;
    const known = typeof role === 'string' && Object.hasOwn(ROLES, role) ? ROLES[role] : null;
    if (!known || typeof content !== 'string') {
      throw new RowProblem(
        `message ${i + 1} in "${column}": expected a role (system, user, assistant) and a text, got ${shorten(JSON.stringify(entry) ?? 'nothing')}.`,
      );
    }
    return { role: known, content };
  });
}

/** An answer: a text, or the messages behind those of the prompt. */
function readAnswerMessages(row: TableRow, column: string): Message[] {
  const value = row.values[column];
  if (Array.isArray(value)) return readMessages(value, column);
  return [{ role: 'assistant', content: readTextCell(row, column, 'answer') }];
}

function readPreference(
  row: TableRow,
  columns: ColumnMapping['columns'],
): Pick<DatasetExample, 'messages' | 'rejected'> {
  const chosen = readAnswerMessages(row, columns.chosen);
  const rejected = readAnswerMessages(row, columns.rejected);
  const alone = chosen.length === 1 && rejected.length === 1;
  if (!alone) return { messages: chosen, rejected };
  const prompt = row.values[columns.prompt ?? ''];
  const asked = Array.isArray(prompt)
    ? readMessages(prompt, columns.prompt)
    : [{ role: 'user' as const, content: readTextCell(row, columns.prompt, 'prompt') }];
  return { messages: [...asked, ...chosen], rejected: [...asked, ...rejected] };
}

function readRow(row: TableRow, { kind, columns }: ColumnMapping): Omit<DatasetExample, 'line' | 'split'> {
  switch (kind) {
    case 'messages':
      return { messages: readMessages(row.values[columns.messages], columns.messages), rejected: null, answer: null };
    case 'preference':
      return { ...readPreference(row, columns), answer: null };
    case 'problem':
    case 'completion': {
      const [asks, answers] = DATASET_KINDS[kind];
      const question = readTextCell(row, columns[asks], asks);
      const answer = readTextCell(row, columns[answers], answers);
      return {
        messages: [
          { role: 'user', content: question },
          { role: 'assistant', content: answer },
        ],
        rejected: null,
        answer: kind === 'problem' ? answer : null,
      };
    }
  }
}

function checkConversation(messages: readonly Message[]): void {
  if (messages.at(-1)?.role !== 'assistant') {
    throw new RowProblem(
      `expected a conversation that ends with the assistant, got one that ends with ${messages.at(-1)?.role}.`,
    );
  }
}

export interface MappedDataset {
  examples: DatasetExample[];
  problems: LineProblem[];
}

/** Every row as a conversation; what cannot be read is listed with its line and left out. */
export function mapRows(table: Table, mapping: ColumnMapping, shares: SplitShares): MappedDataset {
  const examples: DatasetExample[] = [];
  const problems: LineProblem[] = [...table.problems];
  for (const row of table.rows) {
    try {
      const read = readRow(row, mapping);
      checkConversation(read.messages);
      if (read.rejected) checkConversation(read.rejected);
      const question = read.messages.filter(({ role }) => role === 'user')[0]?.content ?? '';
      examples.push({ line: row.line, ...read, split: splitOf(question, shares) });
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error;
      problems.push({ line: row.line, message: error.message });
    }
  }
  return { examples, problems: problems.sort((a, b) => a.line - b.line) };
}
