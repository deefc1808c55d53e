// Asking both models the same question: base first, then trained, each alone on the engine, with the same random numbers.
import type { StudioCore } from './connection';
import { newSide, type Question, type SideName } from './playgroundSlice';

export interface Playground {
  ask(question: Question): void;
  /** A fresh problem of that many numbers, or null when it could not be drawn. */
  draw(level: number): Promise<number[] | null>;
}

const SIDES: readonly SideName[] = ['base', 'trained'];

export function createPlayground(core: StudioCore): Playground {
  const { port, store, options } = core;
  let drawSeed = options.seed ?? Math.floor(Math.random() * 2 ** 30);
  const runOf = (question: Question, name: SideName) => (name === 'base' ? null : question.runId);

  // As soon as an answer is written, its alternatives are asked for.
  port.onEvent((event) => {
    if (event.type !== 'attempt.finished' || !event.tokens) return;
    const { playground } = store.getState();
    const name = SIDES.find((candidate) => playground[candidate]?.attemptId === event.requestId);
    const side = name && playground[name];
    if (!name || !side || !playground.asked) return;
    const { numbers, temperature, slot } = playground.asked;
    const runId = runOf(playground.asked, name);
    const requestId = side.explainId;
    port.post({ type: 'tokens.explain', requestId, numbers, runId, slot, temperature, tokens: event.tokens });
  });

  return {
    ask(question) {
      const sides = SIDES.map((name) => ({ name, side: newSide(core.newRequestId(), core.newRequestId()) }));
      const [base, trained] = sides.map(({ side }) => side);
      store.setState({ playground: { asked: question, base, trained } });
      const { numbers, temperature, topK, topP, seed, slot } = question;
      for (const { name, side } of sides) {
        const runId = runOf(question, name);
        const requestId = side.attemptId;
        port.post({ type: 'attempt.start', requestId, numbers, runId, slot, temperature, topK, topP, seed });
      }
    },
    async draw(level) {
      const requestId = core.newRequestId();
      const drawn = core.waitFor((event) => {
        if (event.type === 'problem.drawn' && event.requestId === requestId) return { numbers: event.numbers };
        if (event.type === 'attempt.failed' && event.requestId === requestId) return { numbers: null };
        return event.type === 'worker.failed' ? { numbers: null } : null;
      });
      port.post({ type: 'problem.draw', requestId, level, seed: drawSeed++ });
      return (await drawn).numbers;
    },
  };
}
