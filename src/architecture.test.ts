// The map of the house (docs/architecture.md) as data: who may see whom. A broken rule fails with a sentence.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('.', import.meta.url));

/** Rooms that every room above them may see: pure helpers, and the words of the wall (errors, metrics, traces). */
const everywhere = ['lib', 'protocol'];

/** room -> rooms its files may import from (its own is understood). */
const maySee: Record<string, string[]> = {
  lib: [],
  protocol: [],
  backend: [],
  ops: ['backend'],
  models: ['ops', 'tokenizers'],
  tokenizers: [],
  data: [],
  rollouts: ['ops', 'models', 'tokenizers'],
  rewards: ['data'],
  train: ['ops', 'models', 'rollouts', 'tokenizers'],
  evaluation: ['tokenizers', 'data', 'rollouts', 'rewards'],
  recipes: ['data', 'models', 'rollouts', 'rewards', 'train', 'evaluation', 'tokenizers'],
  storage: [],
};
const belowTheWall = [...Object.keys(maySee)];
maySee.worker = belowTheWall;
maySee.cli = [...belowTheWall, 'worker'];
maySee.store = ['storage'];
maySee.app = ['store'];
// The page's entry joins both sides: it starts the worker (by address, not by import) and hands it to the store.
maySee['main.tsx'] = ['app', 'store', 'worker'];

/** Outside packages that only some rooms may import. Node's own modules belong to cli, tests and start-up code. */
const packageRooms: [pattern: RegExp, rooms: string[], why: string][] = [
  [/^@tensorflow\//, [...belowTheWall, 'worker', 'cli'], 'tfjs lives below the wall: the page never computes'],
  [/^(react|react-dom|react-is|recharts|lucide-react)(\/|$)/, ['app', 'main.tsx'], 'React lives in app/'],
  [/^zustand(\/|$)/, ['store', 'app'], 'stores live in store/'],
  [/^idb$/, ['storage'], 'IndexedDB lives in storage/'],
  [/^@huggingface\//, ['tokenizers'], 'tokenizer files are read in tokenizers/'],
  [/^(vite|playwright|@playwright|assemblyscript)(\/|$)/, ['cli'], 'tools are driven from cli/'],
];

/** Line limits. Long by nature: architectures of models (500). */
const lineLimit = (room: string) => (room === 'models' ? 500 : 400);

interface SourceFile {
  path: string;
  room: string;
  text: string;
  /** without comments */
  code: string;
  isTest: boolean;
}

function readSources(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => {
      const text = readFileSync(join(src, path), 'utf8');
      return {
        path,
        room: path.split('/')[0],
        text,
        code: text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, ''),
        // Tests, benches and what only serves them may look wider: they compare rooms with each other.
        isTest: /\.(test|bench|cases)\.tsx?$/.test(path) || path.includes('/testing/'),
      };
    });
}

/** Every module a file names: imports, re-exports, dynamic imports, and addresses of workers or assets. */
function importsOf(code: string): string[] {
  const patterns = [
    /\b(?:import|export)\s+(?:type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/g,
    /\bimport\(\s*'([^']+)'/g,
    /\bnew URL\(\s*'([^']+)',\s*import\.meta\.url/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]));
}

const sources = readSources();
const allowedIn = (room: string) =>
  room === 'lib' ? [] : room === 'protocol' ? ['lib'] : [...everywhere, ...maySee[room]];
const roomOf = (file: SourceFile, target: string) => normalize(join(dirname(file.path), target)).split(/[\\/]/)[0];

test('the reader of imports sees every form', () => {
  const code = `import a from 'one';\nimport { b,\n type C } from 'two';\nexport * from 'three';\nimport 'four';
    const d = await import('five'); new Worker(new URL('six', import.meta.url)); export { e } from 'seven'; import type F from 'eight';`;
  expect(importsOf(code).sort()).toEqual(['eight', 'five', 'four', 'one', 'seven', 'six', 'three', 'two']);
  expect(sources.length).toBeGreaterThan(10);
});

test('every file lives in a room of the map', () => {
  const strangers = sources.filter(({ path, room }) => !(room in maySee) && path !== 'architecture.test.ts');
  expect(
    strangers.map(({ path }) => `src/${path}: "${path.split('/')[0]}" is no room of docs/architecture.md.`),
  ).toEqual([]);
});

test('rooms look only at the rooms the map allows', () => {
  const faults = sources
    .filter((file) => !file.isTest)
    .flatMap((file) =>
      importsOf(file.code)
        .filter((target) => target.startsWith('.'))
        .map((target) => roomOf(file, target))
        .filter((seen) => seen !== '..' && seen !== file.room && !allowedIn(file.room).includes(seen))
        .map(
          (seen) =>
            `src/${file.path}: ${file.room} may see ${allowedIn(file.room).join(', ') || 'nobody'}; it looks at ${seen}. Move the code, or change the map and say why in docs/decisions.md.`,
        ),
    );
  expect(faults).toEqual([]);
});

test('outside packages stay in their rooms', () => {
  const faults = sources
    .filter((file) => !file.isTest)
    .flatMap((file) =>
      importsOf(file.code).flatMap((target) =>
        packageRooms
          .filter(([pattern, rooms]) => pattern.test(target) && !rooms.includes(file.room))
          .map(([, , why]) => `src/${file.path}: imports ${target}, but ${why}.`),
      ),
    );
  expect(faults).toEqual([]);
});

test('messages are posted only at the wall', () => {
  // backend/simd starts its compute threads: their one start message carries shared memory, not words of the protocol.
  // The bench gives another library the web workers it wants to start in Node.
  const allowed = /^((protocol|worker|backend\/simd)\/|cli\/bench\/peers\/jaxThreads\.ts$)/;
  const faults = sources
    .filter((file) => !file.isTest && !allowed.test(file.path) && /\bpostMessage\(/.test(file.code))
    .map(
      ({ path }) => `src/${path}: calls postMessage; only protocol/ and worker/ (and the threads of backend/simd) may.`,
    );
  expect(faults).toEqual([]);
});

test('nothing is cast at the wall', () => {
  const wall = sources.filter((file) => !file.isTest && /^(protocol|worker)\//.test(file.path));
  expect(wall.length).toBeGreaterThan(0);
  const faults = wall.flatMap((file) =>
    [...file.code.matchAll(/\bas (?!const\b)[A-Z]\w*|\bas (?:unknown|any|never)\b|: any\b/g)].map(
      (match) => `src/${file.path}: "${match[0]}" at the wall; give the value its type where it is made.`,
    ),
  );
  expect(faults).toEqual([]);
});

test('files are short enough to read', () => {
  const faults = sources
    .map((file) => ({ file, lines: file.text.trimEnd().split('\n').length, limit: lineLimit(file.room) }))
    .filter(({ lines, limit }) => lines > limit)
    .map(
      ({ file, lines, limit }) => `src/${file.path}: expected at most ${limit} lines, got ${lines}. Split it by noun.`,
    );
  expect(faults).toEqual([]);
});

test('base names are unique and say what they are', () => {
  const owners = new Map<string, string[]>();
  for (const { path } of sources) {
    const base = path.split('/').at(-1) ?? path;
    owners.set(base, [...(owners.get(base) ?? []), path]);
  }
  // Every screen brings its words under the same name: catalogue.test.ts finds them by it.
  const twice = [...owners].filter(([base, paths]) => paths.length > 1 && base !== 'words.ts');
  expect(twice.map(([base, paths]) => `${base} stands for ${paths.join(' and ')}; rename one.`)).toEqual([]);
  const wrong = sources.filter(
    ({ path }) =>
      !/(^|\/)[a-zA-Z][a-zA-Z0-9]*(\.(test|bench|cases|as|simd|wgsl|cpu))*\.tsx?$/.test(path) ||
      /\butils?\b/i.test(path),
  );
  expect(wrong.map(({ path }) => `src/${path}: expected camelCase or PascalCase, and no "utils".`)).toEqual([]);
});

test('every file begins with what it is for', () => {
  const silent = sources.filter(({ text }) => !/^(#!.*\n)?\s*(\/\/|\/\*)/.test(text));
  expect(silent.map(({ path }) => `src/${path}: expected a header comment on the first line.`)).toEqual([]);
});
