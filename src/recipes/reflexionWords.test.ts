// Reflexion and debate with scripted answers: who is asked when, what is read, when it stops; and the words that Dial's reflections use.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { drawProblem, signChoices } from '../data/dial';
import { drawReflection, REFLECTION_TOKENS, reflectOn } from '../data/dialReflections';
import { evaluateDebate } from '../evaluation/debate';
import { evaluateReflexion } from '../evaluation/reflexion';
import { CounterRng } from '../lib/counterRng';
import { lastLanding, parsePrompt, verifyAnswer } from '../lib/dialProblem';
import type { LanguageModel } from '../models/model';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { reflexion } from './reflexionWords';
import { meanOf, plainWords, tinyModel, tryRecipe } from './testing/recipeTrial';

const [RIGHT, WRONG, HINT] = ['5', '<spare_1>', 'yes'];
type Asked = { context: string; said: string };
const script = vi.hoisted(() => ({
  reply: null as ((context: string, kind: string) => string) | null,
  log: [] as Asked[],
}));

vi.mock('../rollouts/answerContexts', async (original) => {
  const real = await original<typeof import('../rollouts/answerContexts')>();
  const answerContexts: typeof real.answerContexts = (decoder, contexts, ...rest) => {
    const { reply, log } = script;
    if (!reply) return real.answerContexts(decoder, contexts, ...rest);
    const { tokenizer, chat } = decoder.model;
    return Promise.resolve(
      contexts.map((ids) => {
        const context = [...ids].map((id) => tokenizer.tokenText(id)).join(' ');
        const kind = context.endsWith('<spare_10> <|assistant|>')
          ? 'reflect'
          : context.endsWith('verdict <|assistant|>'.replace('verdict', 'dialx'))
            ? 'judge'
            : 'act';
        const said = reply(context, kind);
        log.push({ context, said: kind });
        const tokens = Int32Array.from([...tokenizer.encode(said), chat.endId]);
        const unknown = new Float32Array(tokens.length);
        return { tokens, logProbs: unknown, entropies: unknown, finish: 'end' as const };
      }),
    );
  };
  return { ...real, answerContexts };
});

let model: LanguageModel;
beforeAll(async () => {
  await startSimd({ threads: 1 });
  model = tinyModel();
});
afterAll(() => {
  model.dispose();
  stopSimd();
});
beforeEach(() => {
  script.reply = null;
  script.log.length = 0;
});

/** A verdict is asked for with a word of its own, so that the script can tell it from an attempt. */
const task = { ...plainWords, review: { question: 'dialx', maxTokens: 1, approves: (said: string) => said === 'yes' } };
const problems = [1, 2, 3, 4];
const job = { task, problems, temperature: 1, seed: 3 };
const decoder = () => ({ model, adapter: null, cache: new KeyValueCache(model) });
const calls = (kind: string) => script.log.filter(({ said }) => said === kind).length;

describe('reflexion', () => {
  test('an actor that solves only what a hint in its memory says: solved at trial 2, without a memory never', async () => {
    script.reply = (context, kind) => (kind === 'reflect' ? HINT : context.includes(HINT) ? RIGHT : WRONG);
    const settings = { trials: 3, memory: 1, evaluator: 'verifier' } as const;
    const found = await evaluateReflexion(decoder(), job, settings);
    expect(found.map(({ accuracy }) => accuracy)).toEqual([0, 1, 1]);
    expect(found.map(({ going }) => going)).toEqual([0, 1, 0]);
    // k failed trials, then success: k + 1 attempts and k reflections
    expect([calls('act'), calls('reflect'), calls('judge')]).toEqual([8, 4, 0]);
    expect(found.map((row) => row.calls)).toEqual([1, 3, 3]);
    const without = await evaluateReflexion(decoder(), job, { ...settings, memory: 0 });
    expect(without.map(({ accuracy }) => accuracy)).toEqual([0, 0, 0]);
    expect(calls('reflect')).toBe(4);
  });
  test.each([1, 2, 3])('memory Ω = %d holds the last reflections only, each behind its attempt', async (memory) => {
    let turn = 0;
    script.reply = (_, kind) => (kind === 'reflect' ? 'no' : `<spare_${turn++ % 10}>`);
    await evaluateReflexion(decoder(), job, { trials: 6, memory, evaluator: 'verifier' });
    const attempts = script.log
      .filter(({ said }) => said === 'act')
      .map(({ context }) => context.split('<spare_10>').length - 1);
    expect(attempts).toEqual([0, 1, 2, 3, 4, 5].flatMap((k) => problems.map(() => Math.min(k, memory))));
    const last = script.log.findLast(({ said }) => said === 'act')!.context;
    expect(last).toMatch(
      /^<\|user\|> dial 4 <\|assistant\|> <spare_\d+> <\|end\|> <\|user\|> <spare_10> <\|assistant\|> no/,
    );
  });
  test('the model’s own verdict decides: approved at once, no reflection is asked for', async () => {
    script.reply = (_, kind) => (kind === 'judge' ? 'yes' : WRONG);
    const found = await evaluateReflexion(decoder(), job, { trials: 4, memory: 3, evaluator: 'self' });
    expect([calls('act'), calls('judge'), calls('reflect')]).toEqual([4, 4, 0]);
    expect(found.at(-1)).toMatchObject({ accuracy: 0, unchanged: 1, calls: 2 });
  });
  test('an answer that repeats the one before ends the episode, and the last trial submits what it has', async () => {
    script.reply = (_, kind) => (kind === 'judge' ? 'no' : kind === 'reflect' ? 'no' : WRONG);
    const found = await evaluateReflexion(decoder(), job, { trials: 5, memory: 1, evaluator: 'self' });
    expect(found.map(({ going }) => going)).toEqual([0, 1, 0, 0, 0]);
    expect([calls('act'), calls('judge'), calls('reflect')]).toEqual([8, 4, 4]);
  });
  test('with the verifier accuracy never falls, flips sum to 1, and explain it', async () => {
    const found = await evaluateReflexion(
      decoder(),
      { ...job, problems: Array.from({ length: 30 }, (_, i) => 1 + (i % 11)) },
      {
        trials: 4,
        memory: 2,
        evaluator: 'verifier',
      },
    );
    found.forEach((row, t) => {
      expect(row.unchanged + row.cToI + row.iToC + row.iToIChanged + row.cToCChanged).toBeCloseTo(1, 12);
      expect(row.accuracy - found[0].accuracy).toBeCloseTo(row.iToC - row.cToI, 12);
      if (t > 0) expect(row.accuracy).toBeGreaterThanOrEqual(found[t - 1].accuracy);
    });
    expect(found[3].accuracy).toBeGreaterThan(found[0].accuracy);
  });
  test('a task without words is refused', async () => {
    const mute = { ...task, reflection: undefined };
    const settings = { trials: 2, memory: 1, evaluator: 'self' } as const;
    await expect(evaluateReflexion(decoder(), { ...job, task: mute }, settings)).rejects.toThrow(/words for a verdict/);
    await expect(tryRecipe(model, reflexion, { totalSteps: 1, task: mute })).rejects.toThrow(/teach reflections/);
  });
  test('the recipe learns its words', async () => {
    const settings = { problems: 4, conversations: 16, learningRate: 0.01 };
    const { rows } = await tryRecipe(model, reflexion, { settings, totalSteps: 12 });
    expect(meanOf(rows.slice(-2), 'loss')).toBeLessThan(0.5 * rows[0].loss!);
    expect(rows.every((row) => row['reflexion/calls']! >= 2)).toBe(true);
  });
});

describe('debate', () => {
  test('agents hear the others’ last answers and their own; as many votes as responses', async () => {
    let turn = 0;
    script.reply = () => String(turn++ % 12);
    const found = await evaluateDebate(decoder(), { ...job, problems: [1] }, 3, 2);
    expect(found.map(({ responses }) => responses)).toEqual([3, 6, 9]);
    // three answers alone; in each round three more alone for the vote, and three that heard
    expect(script.log).toHaveLength(15);
    const heard = script.log
      .slice(6, 9)
      .map(({ context }) => context.match(/<\|assistant\|> (\d+) /g)!.map((m) => m.split(' ')[1]));
    expect(heard).toEqual([
      ['1', '2', '0'],
      ['0', '2', '1'],
      ['0', '1', '2'],
    ]);
    expect(found[0].accuracy).toBe(found[0].selfConsistency);
  });
  test('agents that copy the majority agree and keep it', async () => {
    let turn = 0;
    script.reply = (context) => {
      const said = context.match(/<\|assistant\|> (\S+) <\|end\|>/g) ?? [];
      if (said.length === 0) return ['5', '5', WRONG][turn++ % 3];
      return said.filter((s) => s.includes(' 5 ')).length >= 2 ? '5' : WRONG;
    };
    const [first, second] = await evaluateDebate(decoder(), job, 3, 1);
    expect(first).toMatchObject({ accuracy: 1, agreed: 0 });
    expect(first.single).toBeCloseTo(2 / 3, 12);
    expect(second).toMatchObject({ accuracy: 1, single: 1, agreed: 1, responses: 6 });
  });
  test('greedy agents are refused', async () => {
    await expect(evaluateDebate(decoder(), { ...job, temperature: 0 })).rejects.toThrow(/above 0/);
  });
});

test('reflections of Dial: the landing, then the fewest hops whose turning lands on 0; the answer they lead to is right', () => {
  const rng = new CounterRng(4, 4);
  for (let i = 0; i < 50; i++) {
    const problem = drawProblem(rng, 'rl', 6);
    const { wrong, right } = signChoices(problem);
    const signs = wrong[rng.integer(wrong.length)];
    const { text, right: mended } = reflectOn(rng, problem, signs);
    const [landing, ...hops] = text.split(' ').map(Number);
    expect(landing).toBe(lastLanding(problem, signs));
    expect(landing).not.toBe(0);
    const turned = signs.map((sign, k) => (hops.includes(k + 1) ? (sign === '+' ? '-' : '+') : sign));
    expect(turned).toEqual(mended);
    expect(lastLanding(problem, turned)).toBe(0);
    for (const other of right)
      expect(other.filter((sign, k) => sign !== signs[k]).length).toBeGreaterThanOrEqual(hops.length);
    expect(hops.length + 2).toBeLessThanOrEqual(REFLECTION_TOKENS);
    const { messages, taught } = drawReflection(rng, problem, 0.5);
    const last = messages.at(-1)!.content;
    expect(verifyAnswer(parsePrompt(messages[0].content)!, last, true).correct).toBe(true);
    expect(taught.at(-1)).toBe(messages.length - 1);
    expect(dialTask(6).reflection!.maxTokens).toBe(REFLECTION_TOKENS);
  }
});
