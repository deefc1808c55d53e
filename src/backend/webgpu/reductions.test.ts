// Sums and maxima over a workgroup, by subgroups and through workgroup memory: many in a row, alone and as parts of one dispatch.
import { tensor1d } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineProgram, reductions } from './gpuProgram';
import { startForTests, type TestDevice } from './startForTests';

let device: TestDevice;
beforeEach(async ({ skip }) => {
  const started = await startForTests('swiftshader');
  if (!started.device) return skip(started.reason);
  device = started.device;
});
afterEach(() => device?.stop());

const ROUNDS = 40;
const program = defineProgram('reductions.test', () => ({
  storage: { x: 'f32', y: 'f32 out' },
  parameters: { count: 'u32' },
  declarations: reductions,
  body: `
  if (groupIndex >= params.count) { return; }
  var value = x[groupIndex * 64u + lane];
  for (var i = 0u; i < ${ROUNDS}u; i = i + 1u) {
    let sum = reduceSum(value, lane);
    let most = reduceMax(value, lane);
    value = (value + 0.25 * sum / 64.0 + 0.25 * most) * 0.5;
  }
  y[groupIndex * 64u + lane] = value;`,
}));

/** The same in float64. */
function expected(values: number[]): number[] {
  let lanes = [...values];
  for (let i = 0; i < ROUNDS; i++) {
    const [sum, most] = [lanes.reduce((a, b) => a + b, 0), Math.max(...lanes)];
    lanes = lanes.map((value) => (value + (0.25 * sum) / 64 + 0.25 * most) * 0.5);
  }
  return lanes;
}

for (const hasSubgroups of [true, false]) {
  for (const isMerging of [false, true]) {
    const title = `${hasSubgroups ? 'by subgroups' : 'through workgroup memory'}${isMerging ? ', parts of one dispatch' : ''}`;
    test(title, async ({ skip }) => {
      const { backend } = device;
      if (hasSubgroups && !backend.device.features.has('subgroups')) return skip('the adapter has no subgroups');
      Object.assign(backend, { hasSubgroups, isMerging });
      const inputs = [1, 2].map((n) => Array.from({ length: 192 }, (_, i) => Math.sin(n * i * i) * 3 - n));
      const xs = inputs.map((values) => tensor1d(values));
      const run = async () => {
        const ys = xs.map((x) => {
          const y = backend.output([192]);
          backend.run(program, [x, y], { count: 3 }, 3);
          return y;
        });
        const values = await Promise.all(ys.map(({ dataId }) => backend.read(dataId)));
        backend.release(...ys);
        return values.map((list) => [...(list as Float32Array)]);
      };
      await run();
      await backend.settled();
      const before = backend.statistics.dispatches;
      const values = await run();
      expect(backend.statistics.dispatches - before).toBe(isMerging ? 1 : 2);
      inputs.forEach((list, n) => {
        const want = [0, 1, 2].flatMap((group) => expected(list.slice(64 * group, 64 * group + 64)));
        values[n].forEach((value, i) => {
          expect(value).toBeCloseTo(want[i], 5);
        });
      });
    });
  }
}
