// One computation at a time: tfjs has one engine, so a training step and an answer for the page take turns, in order.

export class Turnstile {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs `job` after everything that was put in line before it. */
  pass<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(job);
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  /** Forgets the line: what is in it waits for a device that will never answer. */
  clear(): void {
    this.tail = Promise.resolve();
  }
}

/** Lets waiting messages (pause, stop, a question) be taken before going on. */
export function letMessagesIn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** After an evaluation the page draws its charts: on a machine of two cores that takes twice as long while both compute. */
const DRAWING_MS = 150;

export function letThePageDraw(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, DRAWING_MS));
}
