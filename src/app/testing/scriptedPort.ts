// A port without a worker: remembers commands, says what a test tells it to say.
import type { Command } from '../../protocol/commands';
import type { StudioEvent } from '../../protocol/events';
import type { WorkerPort } from '../../protocol/workerPort';

export interface ScriptedPort extends WorkerPort {
  posted: Command[];
  restarts: number;
  say(...events: StudioEvent[]): void;
}

/** @param answer may react to a command with events, at once. */
export function scriptedPort(answer: (command: Command) => StudioEvent[] = () => []): ScriptedPort {
  const listeners = new Set<(event: StudioEvent) => void>();
  const port: ScriptedPort = {
    posted: [],
    restarts: 0,
    say(...events) {
      for (const event of events) for (const listener of [...listeners]) listener(event);
    },
    post(command) {
      port.posted.push(command);
      port.say(...answer(command));
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restart() {
      port.restarts++;
    },
  };
  return port;
}
