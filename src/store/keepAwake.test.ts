// The screen stays awake exactly while a run goes and the page is seen.
import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { runConfig } from '../app/testing/recordedLesson';
import type { RunStatus } from '../protocol/events';
import { type AwakeHost, keepAwake } from './keepAwake';
import { newRunView } from './runSlice';
import { studioAtStart } from './studioState';

function setUp(request: 'gives' | 'refuses' | null = 'gives') {
  const store = createStore(() => studioAtStart);
  const lock = { asked: 0, held: 0 };
  let visible = true;
  let listener: () => void = () => undefined;
  let drop: () => void = () => undefined;
  const host: AwakeHost = {
    request:
      request === null
        ? null
        : async () => {
            lock.asked++;
            if (request === 'refuses') throw new DOMException('battery', 'NotAllowedError');
            lock.held++;
            let onRelease: () => void = () => undefined;
            let released = false;
            const release = async () => {
              if (released) return;
              released = true;
              lock.held--;
              onRelease();
            };
            drop = () => void release();
            return { released, release, addEventListener: (_, then) => (onRelease = then) };
          },
    isVisible: () => visible,
    onVisibility(then) {
      listener = then;
      return () => undefined;
    },
  };
  const stop = keepAwake(store, host);
  const be = async (status: RunStatus, live = true) => {
    store.setState({
      run: { run: { ...newRunView(runConfig), status, live }, wish: null, startError: null, mine: null },
    });
    await Promise.resolve().then(() => undefined);
  };
  const show = async (isVisible: boolean) => {
    visible = isVisible;
    // Browsers take the lock away from a page that is not seen.
    if (!isVisible) drop();
    listener();
    await Promise.resolve().then(() => undefined);
  };
  return { store, lock, be, show, stop };
}

test('held while a run goes, given back on pause and at the end', async () => {
  const { store, lock, be } = setUp();
  expect(lock.asked).toBe(0);
  await be('running');
  expect([lock.held, store.getState().awake]).toEqual([1, 'held']);
  await be('paused');
  expect([lock.held, store.getState().awake]).toEqual([0, 'off']);
  await be('running');
  await be('finished');
  expect([lock.asked, lock.held]).toEqual([2, 0]);
});

test('asked for again when the page is seen again', async () => {
  const { lock, be, show } = setUp();
  await be('running');
  await show(false);
  expect(lock.held).toBe(0);
  await show(true);
  expect([lock.asked, lock.held]).toEqual([2, 1]);
});

test('a stored run, or one of another tab, asks for nothing', async () => {
  const { lock, be } = setUp();
  await be('running', false);
  expect(lock.asked).toBe(0);
});

test('refused and unsupported are said, and over when the run is', async () => {
  const refused = setUp('refuses');
  await refused.be('running');
  expect(refused.store.getState().awake).toBe('refused');
  await refused.be('finished');
  expect(refused.store.getState().awake).toBe('off');
  const none = setUp(null);
  await none.be('running');
  expect(none.store.getState().awake).toBe('unsupported');
});

test('nothing is held after it was told to stop', async () => {
  const { lock, be, stop } = setUp();
  await be('running');
  stop();
  expect(lock.held).toBe(0);
});
