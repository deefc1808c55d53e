// What a person types as a hub's model: a name, a link, a file of it.
import { expect, test } from 'vitest';
import { HUB_HOST, placeOf } from './suggestedModels';

test.each([
  ['owner/name', { host: HUB_HOST, repo: 'owner/name', revision: 'main', file: null }],
  [' owner/name-1.5 ', { host: HUB_HOST, repo: 'owner/name-1.5', revision: 'main', file: null }],
  ['owner/name/q4/model.gguf', { host: HUB_HOST, repo: 'owner/name', revision: 'main', file: 'q4/model.gguf' }],
  ['https://hub.test/owner/name', { host: 'https://hub.test', repo: 'owner/name', revision: 'main', file: null }],
  [
    'https://hub.test/owner/name/resolve/v2/a%20b.gguf?download=true',
    { host: 'https://hub.test', repo: 'owner/name', revision: 'v2', file: 'a b.gguf' },
  ],
  ['https://hub.test/owner/name/tree/v2', { host: 'https://hub.test', repo: 'owner/name', revision: 'v2', file: null }],
])('%s', (typed, place) => {
  expect(placeOf(typed, `${HUB_HOST}/`, '')).toEqual(place);
});

test.each(['', 'name', 'a/b/c', 'ftp://x/y/z', '../etc/passwd'])('no place: "%s"', (typed) => {
  expect(placeOf(typed, HUB_HOST, 'main')).toBeNull();
});

test('a host that is none is no place', () => {
  expect(placeOf('owner/name', 'huggingface', '')).toBeNull();
});
