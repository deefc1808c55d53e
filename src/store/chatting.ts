// Talking to the loaded model, and to a run's model beside it: asking, stopping, asking again, going back to an earlier line.
import { type ChatSettings, type ChatState, type ChatTurn, isChatting, isOpen, linesOf, newAnswer } from './chatSlice';
import type { StudioCore } from './connection';
import type { SideName } from './playgroundSlice';

export interface Chatting {
  /** Nothing happens while an answer is being written, or with nothing to say. */
  ask(said: string): void;
  /** The second attempt: the same answer looked at again, by the settings' instruction. */
  tryAgain(): void;
  stop(): void;
  /** The last answers once more, drawn anew. */
  regenerate(): void;
  /** Says something else in place of a line; what followed it is forgotten. */
  edit(id: number, said: string): void;
  clear(): void;
  change(part: Partial<ChatSettings>): void;
  /** Whose model answers beside the base from the next line on; null = nobody. */
  compareWith(runId: string | null): void;
  /** Opens an adapter of files (PEFT's two, a zip of them, a GGUF); it then answers beside the base. */
  openAdapter(files: readonly File[]): void;
}

const SIDES: readonly SideName[] = ['base', 'trained'];

export function createChatting(core: StudioCore): Chatting {
  const { port, store } = core;
  const state = () => store.getState().chat;
  const set = (part: Partial<ChatState>) => store.setState({ chat: { ...state(), ...part } });

  function say(earlier: readonly ChatTurn[], said: string): void {
    if (said.trim() === '' || isChatting(state())) return;
    const { runId, settings } = state();
    const { system, temperature, topK, topP, maxTokens, seed } = settings;
    const turn: ChatTurn = {
      id: core.newRequestId(),
      said,
      base: newAnswer(core.newRequestId()),
      trained: runId === null ? null : newAnswer(core.newRequestId()),
    };
    set({ turns: [...earlier, turn] });
    for (const side of SIDES) {
      const answer = turn[side];
      if (!answer) continue;
      const lines = [...linesOf(earlier, side, system), { role: 'user' as const, content: said }];
      const { requestId } = answer;
      const run = side === 'base' ? null : runId;
      port.post({ type: 'chat.start', requestId, lines, runId: run, temperature, topK, topP, maxTokens, seed });
    }
  }

  return {
    ask: (said) => say(state().turns, said),
    tryAgain: () => say(state().turns, state().settings.instruction),
    stop() {
      for (const { base, trained } of state().turns) {
        for (const answer of [base, trained]) {
          if (answer && isOpen(answer)) port.post({ type: 'chat.stop', requestId: answer.requestId });
        }
      }
    },
    regenerate() {
      const { turns, settings } = state();
      const last = turns.at(-1);
      if (!last || isChatting(state())) return;
      // The same seed would draw the same answer.
      if (settings.temperature > 0) set({ settings: { ...settings, seed: settings.seed + 1 } });
      say(turns.slice(0, -1), last.said);
    },
    edit(id, said) {
      const { turns } = state();
      const at = turns.findIndex((turn) => turn.id === id);
      if (at >= 0) say(turns.slice(0, at), said);
    },
    clear() {
      if (!isChatting(state())) set({ turns: [] });
    },
    change: (part) => set({ settings: { ...state().settings, ...part } }),
    compareWith: (runId) => set({ runId }),
    openAdapter(files) {
      if (files.length === 0) return;
      set({ adapterError: null });
      const chosen = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      const parts = chosen[0].path.split('/');
      const name = parts.at(-2) ?? parts[0].replace(/\.(zip|gguf)$/i, '');
      port.post({ type: 'adapter.open', requestId: core.newRequestId(), name, files: chosen });
    },
  };
}
