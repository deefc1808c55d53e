// Putting problems to the model: one at a time, in the order asked, each with its own number.
import type { Ask } from './askSlice';
import { addAsk, forget } from './askSlice';
import type { StudioCore } from './connection';

/** Level of the lesson: six numbers. */
const LESSON_LEVEL = 6;

export interface Asking {
  /** A fresh problem on the dial. Resolves with its numbers, or null when it could not be drawn. */
  draw(): Promise<number[] | null>;
  /** Puts numbers on the dial by hand. */
  edit(numbers: number[]): void;
  /** Asks the problem on the dial. */
  ask(runId: string | null): Promise<Ask | null>;
  /** Draws and asks `count` problems, one after the other. */
  askSeveral(count: number, runId: string | null): Promise<void>;
  /** The problems that the base model was asked, once more for the trained one; draws five when there are none. */
  compare(runId: string): Promise<void>;
}

export function createAsking(core: StudioCore): Asking {
  const { port, store, options } = core;
  let seed = options.seed ?? Math.floor(Math.random() * 2 ** 30);
  let queue: Promise<unknown> = Promise.resolve();

  const setAsk = (
    change: (ask: ReturnType<typeof store.getState>['ask']) => ReturnType<typeof store.getState>['ask'],
  ) => store.setState({ ask: change(store.getState().ask) });

  /** One question at a time: a second one waits for the first answer. */
  function inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = queue.then(job);
    queue = done.catch(() => undefined);
    return done;
  }

  async function draw(): Promise<number[] | null> {
    const requestId = core.newRequestId();
    setAsk((ask) => ({ ...ask, drawing: requestId }));
    const drawn = core.waitFor((event) => {
      if (event.type === 'problem.drawn' && event.requestId === requestId) return { numbers: event.numbers };
      if (event.type === 'attempt.failed' && event.requestId === requestId) return { numbers: null };
      return event.type === 'worker.failed' ? { numbers: null } : null;
    });
    port.post({ type: 'problem.draw', requestId, level: LESSON_LEVEL, seed: seed++ });
    return (await drawn).numbers;
  }

  function put(numbers: number[], runId: string | null, purpose: Ask['purpose'], isPaced = false): Promise<Ask | null> {
    return inTurn(async () => {
      const requestId = core.newRequestId();
      const temperature = 0;
      setAsk((ask) =>
        addAsk(ask, {
          requestId,
          numbers,
          runId,
          purpose,
          isPaced,
          temperature,
          status: 'streaming',
          attempts: [],
          tokensPerSecond: null,
          error: null,
        }),
      );
      const answered = core.waitFor((event) => {
        // A worker or an engine that starts anew has forgotten the question.
        if (event.type === 'worker.failed' || event.type === 'engine.started') return true;
        const isEnd = event.type === 'attempt.finished' || event.type === 'attempt.failed';
        return isEnd && event.requestId === requestId ? true : null;
      });
      port.post({ type: 'attempt.start', requestId, numbers, runId, temperature, seed: seed++ });
      await answered;
      const asked = store.getState().ask.asks.find((ask) => ask.requestId === requestId) ?? null;
      if (asked?.status === 'streaming') setAsk((ask) => forget(ask, requestId));
      return asked;
    });
  }

  return {
    draw,
    edit: (numbers) => setAsk((ask) => ({ ...ask, numbers, drawing: null })),
    async ask(runId) {
      const { numbers } = store.getState().ask;
      return numbers ? put(numbers, runId, 'try', true) : null;
    },
    async askSeveral(count, runId) {
      for (let i = 0; i < count; i++) {
        const numbers = await draw();
        if (!numbers) return;
        const answer = await put(numbers, runId, 'try');
        if (answer?.status !== 'finished') return;
      }
    },
    async compare(runId) {
      const tried = new Map<string, number[]>();
      for (const ask of store.getState().ask.asks) {
        if (ask.runId === null && ask.status === 'finished') tried.set(ask.numbers.join(' '), ask.numbers);
      }
      let problems = [...tried.values()].slice(-6);
      if (problems.length === 0) {
        const drawn: number[][] = [];
        for (let i = 0; i < 5; i++) {
          const numbers = await draw();
          if (numbers) drawn.push(numbers);
        }
        for (const numbers of drawn) await put(numbers, null, 'compare');
        problems = drawn;
      }
      for (const numbers of problems) {
        const answer = await put(numbers, runId, 'compare');
        if (answer?.status !== 'finished') return;
      }
    },
  };
}
