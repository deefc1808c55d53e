// Left as a task: its own right and wrong answers are judged so, in words that its model has.
import { expect, test } from 'vitest';
import { CounterRng } from '../lib/counterRng';
import { leftTokenizerJson } from '../models/leftLlama';
import { readTokenizer } from '../tokenizers/tokenizer';
import { taskOf } from './tasks';

test('solver and mistakes are judged as they were meant, and told in columns', () => {
  const task = taskOf({ task: 'left', level: 4 });
  expect(task.id).toBe('left-4');
  const rng = new CounterRng(2, 3);
  for (const problem of task.draw(rng, 'rl', 50)) {
    const [right, wrong] = [task.solve!(rng, problem), task.mistake!(rng, problem)];
    expect(task.verify(problem, right, true)).toMatchObject({
      correct: true,
      wellFormed: true,
      extra: { numbers: { left: 0 } },
    });
    const verdict = task.verify(problem, wrong, true);
    expect(verdict).toMatchObject({ correct: false, wellFormed: true, terms: { arithmetic: 1, nothing_left: 0 } });
    expect(verdict.extra!.numbers.missed_by).toBeGreaterThan(0);
    expect(task.verify(problem, verdict.extra!.texts.solution!, true).correct).toBe(true);
  }
});

test('every word of problems and answers is one token of its model, and no answer is longer than the task allows', () => {
  const task = taskOf({ task: 'left', level: 4 });
  const tokenizer = readTokenizer(leftTokenizerJson());
  const unknown = tokenizer.idOf('<unk>');
  const rng = new CounterRng(5, 5);
  for (const problem of task.draw(rng, 'test', 100)) {
    const [asked] = task.ask(problem);
    for (const text of [asked.content, task.solve!(rng, problem), task.mistake!(rng, problem), task.instruction]) {
      const ids = tokenizer.encode(text);
      expect([...ids]).not.toContain(unknown);
      expect(ids.length).toBeLessThan(task.maxTokens);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  }
});
