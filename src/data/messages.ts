// Conversations as every chat dataset has them, and the reader of JSONL files of them.

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

const ROLES = new Set(['system', 'user', 'assistant']);

/** Reads one conversation per line: {"messages": [{"role", "content"}, …]}. Errors name the line. */
export function parseMessagesJsonl(text: string): Message[][] {
  const conversations: Message[][] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const where = `dataset line ${i + 1}`;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      throw new RangeError(`${where}: expected a JSON object, got "${line.slice(0, 60)}". One object per line.`);
    }
    const messages = (row as { messages?: unknown } | null)?.messages;
    if (!Array.isArray(messages) || messages.length === 0) {
      throw new RangeError(
        `${where}: expected {"messages": [{"role": …, "content": …}, …]}, got "${line.slice(0, 60)}".`,
      );
    }
    messages.forEach((message: Partial<Message> | null, j) => {
      if (!message || !ROLES.has(message.role as string) || typeof message.content !== 'string') {
        throw new RangeError(
          `${where}, message ${j + 1}: expected a role (system, user or assistant) and a text, got ${JSON.stringify(message)?.slice(0, 60)}.`,
        );
      }
    });
    if (!messages.some((message: Message) => message.role === 'assistant')) {
      throw new RangeError(`${where}: expected at least one assistant message to learn from, got none.`);
    }
    conversations.push(messages as Message[]);
  });
  if (conversations.length === 0)
    throw new RangeError('dataset: expected at least one conversation, got an empty file.');
  return conversations;
}
