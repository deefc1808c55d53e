// Saved examples: kept in the browser's storage, taken home as JSONL that chat trainers read (one {"messages": […]} a line).
import { CORRECTION_INSTRUCTION, promptText } from '../lib/dialProblem';
import type { AttemptView } from '../protocol/events';
import type { ChatLine } from '../protocol/models';
import { deleteExample, listExamples, putExample, type SavedExample } from '../storage/storedExamples';
import type { StudioCore } from './connection';

export type { SavedExample };

export interface Examples {
  /** Reads them into the state. Rejects with storage's sentence. */
  refresh(): Promise<void>;
  save(numbers: number[], attempts: readonly AttemptView[], runId: string | null): Promise<void>;
  /** Any conversation, nobody having judged it. */
  saveLines(lines: readonly ChatLine[], runId: string | null): Promise<void>;
  remove(id: string): Promise<void>;
  /** Takes a removal back. */
  putBack(example: SavedExample): Promise<void>;
}

/** A conversation of two attempts as chat datasets write it. */
export function messagesOf(numbers: number[], attempts: readonly AttemptView[]): SavedExample['messages'] {
  return attempts.flatMap(({ text }, i) => [
    { role: 'user' as const, content: i === 0 ? promptText({ numbers, times: false }) : CORRECTION_INSTRUCTION },
    { role: 'assistant' as const, content: text },
  ]);
}

export function examplesAsJsonl(examples: readonly SavedExample[]): string {
  return examples.map(({ messages }) => `${JSON.stringify({ messages })}\n`).join('');
}

export function createExamples({ store }: StudioCore): Examples {
  const refresh = async () => store.setState({ examples: await listExamples() });
  return {
    refresh,
    async save(numbers, attempts, runId) {
      await putExample({
        id: crypto.randomUUID(),
        savedAt: new Date().toISOString(),
        messages: messagesOf(numbers, attempts),
        right: attempts.map(({ verdict }) => verdict?.correct ?? false),
        runId,
      });
      await refresh();
    },
    async saveLines(lines, runId) {
      const messages = lines.map(({ role, content }) => ({ role, content }));
      await putExample({ id: crypto.randomUUID(), savedAt: new Date().toISOString(), messages, right: [], runId });
      await refresh();
    },
    async putBack(example) {
      await putExample(example);
      await refresh();
    },
    async remove(id) {
      await deleteExample(id);
      await refresh();
    },
  };
}
