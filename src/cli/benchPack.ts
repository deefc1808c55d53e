// npm run bench:pack [-- FILE]: one shell script that carries Node, Dawn, the GPU bench and the bundled model, for a machine with a
// GPU and nothing else. There: `sh FILE` unpacks it into a temporary folder and prints everything (options as in webgpuBench.ts).
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'vite';
import { root } from './runTool';

const file = resolve(process.argv[2] ?? join(root, 'artifacts', 'webgpu-bench.sh'));
/** What a mail or a chat still takes. */
const MOST_BYTES = 28 * 2 ** 20;

const HEADER = `D="$(mktemp -d)" && tail -n +4 "$0" | xz -dc | tar -x -C "$D" || { echo "webgpu bench: expected tar and xz to unpack into $D."; exit 1; }
"$D/node" "$D/bench/webgpuBench.mjs" "$@"; S=$?
rm -rf "$D"; exit $S
`;

/** Everything the bench imports, in one file; Dawn's binary stays outside. */
async function bundle(folder: string): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    resolve: {
      alias: [{ find: /^@tensorflow\/tfjs$/, replacement: '@tensorflow/tfjs-core/dist/register_all_gradients' }],
    },
    ssr: { noExternal: true, external: ['webgpu'], target: 'node' },
    publicDir: false,
    build: {
      ssr: join(root, 'src', 'cli', 'bench', 'webgpuBench.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: true,
      rolldownOptions: { output: { entryFileNames: 'webgpuBench.mjs', codeSplitting: false } },
    },
  });
}

function run(program: string, args: string[], input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`bench:pack: expected ${program} to work, got ${error?.message ?? stderr}.`);
  return stdout;
}

const stage = mkdtempSync(join(tmpdir(), 'bench-pack-'));
try {
  const bench = join(stage, 'bench');
  await bundle(bench);
  cpSync(join(root, 'public', 'models', 'dial-0.8m'), join(bench, 'dial-0.8m'), { recursive: true });
  const dawn = join(stage, 'bench', 'node_modules', 'webgpu');
  const binary = join('dist', `${process.platform}-${process.arch}`, 'dawn.node');
  for (const name of ['index.js', 'package.json', 'LICENSE.md', binary]) {
    cpSync(join(root, 'node_modules', 'webgpu', name), join(dawn, name), { recursive: true });
  }
  cpSync(process.execPath, join(stage, 'node'), { dereference: true });
  // Names of functions are a tenth of Node's binary and of no use here.
  for (const name of [join(stage, 'node'), join(dawn, binary)]) spawnSync('strip', [name]);
  const archive = run('tar', ['-c', '-C', stage, '.']);
  const packed = run('xz', ['-6', '-T1', '-c'], archive);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.concat([Buffer.from(HEADER), packed]), { mode: 0o755 });
  const { size } = statSync(file);
  console.log(`${file}: ${(size / 2 ** 20).toFixed(1)} MiB. On the machine with the GPU: sh ${file.split('/').at(-1)}`);
  if (size > MOST_BYTES) throw new Error(`bench:pack: expected at most ${MOST_BYTES / 2 ** 20} MiB, got more.`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
