// The browser is asked to keep what is stored when there is something to keep, and once.
import { expect, test } from 'vitest';
import type { StudioEvent } from '../protocol/events';
import { keepStored } from './keepStored';

const loaded: Extract<StudioEvent, { type: 'model.loaded' }> = {
  type: 'model.loaded',
  id: 'x',
  parameters: 1,
  bytes: 4,
  layers: 1,
  hidden: 1,
  vocabulary: 1,
};

test('a model that was kept asks, one that was not does not; never twice', () => {
  const listeners = new Set<(event: StudioEvent) => void>();
  const emit = (event: StudioEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  let asked = 0;
  keepStored(
    {
      onEvent(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    async () => ++asked,
  );
  emit(loaded);
  emit({ ...loaded, kept: 'refused' });
  expect(asked).toBe(0);
  emit({ ...loaded, kept: 'kept' });
  expect(asked).toBe(1);
  emit({ ...loaded, kept: 'kept' });
  expect(asked).toBe(1);
});
