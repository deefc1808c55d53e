// npm run goldens -- DIR: the tests that compare with reference vectors, on the vectors of DIR (same layout as the fixtures, other
// seeds and shapes). What DIR has and no test reads is listed as skipped. Ends with "N passed, N failed".
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, runTool } from './runTool';

/** folder/file of vectors → the tests that read it */
const READERS: Record<string, string[]> = {
  'gguf/quant_blocks': ['src/models/files/quantBlocks.test.ts'],
  'gguf/tiny-llama.golden': ['src/models/files/openGguf.test.ts'],
  'gguf/tiny-llama3-rope.golden': ['src/models/files/openGguf.test.ts'],
  'gguf/tiny-qwen2.golden': ['src/models/files/openGguf.test.ts'],
  'losses/advantages': ['src/train/groupLosses.test.ts'],
  'losses/asc': ['src/recipes/ascRecipe.test.ts'],
  'losses/crlft': ['src/train/mixedQuality.test.ts'],
  'losses/distillation': ['src/train/generalisedDivergence.test.ts'],
  'losses/kto': ['src/train/referenceFreeLosses.test.ts'],
  'losses/nat': ['src/train/integrateUnit.test.ts'],
  'losses/nce': ['src/train/calibratedDistillation.test.ts'],
  'losses/negative': ['src/train/mixedQuality.test.ts'],
  'losses/policy_gradient': ['src/train/groupLosses.test.ts'],
  'losses/ppo': ['src/train/ppoLosses.test.ts'],
  'losses/preference': ['src/train/preferenceLosses.test.ts', 'src/train/referenceFreeLosses.test.ts'],
  'losses/reranker': ['src/train/weakToStrong.test.ts'],
  'losses/score': ['src/train/scoreWeights.test.ts'],
  'losses/score_refcode': ['src/recipes/scoreVariants.test.ts'],
  'losses/selection': [
    'src/recipes/starRecipes.test.ts',
    'src/recipes/selfTraining.test.ts',
    'src/recipes/protocols.test.ts',
    'src/train/weakToStrong.test.ts',
  ],
  'losses/sft': ['src/recipes/scoreVariants.test.ts', 'src/train/generalisedDivergence.test.ts'],
  'losses/weak_to_strong': ['src/train/weakToStrong.test.ts'],
  'models/': ['src/train/modelGoldens.test.ts'],
  'smollm2/golden': ['src/train/smollm2.test.ts'],
  'math/sympy_equal_pairs': ['src/rewards/mathEquality.test.ts'],
  'statistics/statistics': ['src/evaluation/accuracy.test.ts'],
  'tokenizers/chat_templates': ['src/tokenizers/chat.test.ts'],
  'tokenizers/smollm2_cases': ['src/tokenizers/tokenizer.test.ts'],
};

/** Every vector file of a folder tree as folder/name; folders that hold no JSON of their own as folder/. */
function vectorsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.json'));
      return files.length > 0 ? files.map((file) => `${name}/${file.slice(0, -'.json'.length)}`) : [`${name}/`];
    });
}

async function main(): Promise<void> {
  const folder = process.argv[2] && resolve(process.argv[2]);
  if (!folder || !existsSync(folder)) {
    console.error(`goldens: expected a folder of vectors, got "${process.argv[2] ?? ''}". Try npm run goldens -- DIR.`);
    process.exitCode = 1;
    return;
  }
  const present = vectorsIn(folder);
  const read = present.filter((name) => name in READERS);
  const skipped = [
    ...present.filter((name) => !(name in READERS)).map((name) => `${name} (no test reads it)`),
    ...Object.keys(READERS)
      .filter((name) => !present.includes(name))
      .map((name) => `${name} (not in the folder)`),
  ];
  for (const name of skipped) console.log(`skipped  ${name}`);
  const tests = [...new Set(read.flatMap((name) => READERS[name]))];
  if (tests.length === 0) {
    console.log('0 passed, 0 failed');
    return;
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  const report = join(root, '.cache', 'goldens.json');
  rmSync(report, { force: true });
  const args = ['run', ...tests, '--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const code = await runTool('vitest', args, { GOLDENS_DIR: folder });
  const { numPassedTests: passed, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  // A runner that fails without a failed test (a file that does not load) counts as one.
  const failed = numFailedTests || (code === 0 ? 0 : 1);
  if (failed > 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed`);
}

await main();
