// How the cost of a training step grows with parameters (layers), batch, length and threads: the fastest of several steps each, so
// that a busy machine bends the curves as little as can be; and a drawing of the four.
import { simdBackend, startSimd } from '../../backend/simd/simd';
import { benchArchitecture, TRAIN_LOAD, type TrainLoad } from '../../worker/benchModel';
import { oursSide } from '../../worker/benchSide';

interface Growth {
  title: string;
  unit: string;
  /** x, and milliseconds per step */
  points: { x: number; milliseconds: number }[];
}

const STEPS = 8;

async function fastest(load: TrainLoad, layers: number): Promise<number> {
  const side = oursSide(load, layers);
  await side.trainStep();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < STEPS; i++) {
    const start = performance.now();
    await side.trainStep();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function parameters(layers: number): number {
  const shapes = [...benchArchitecture(layers).tensors.values()];
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
}

export async function measureGrowth(relaxed: boolean): Promise<Growth[]> {
  const { threads } = simdBackend();
  const curve = async (
    title: string,
    unit: string,
    xs: number[],
    measure: (x: number) => Promise<[number, number]>,
  ) => {
    const points: Growth['points'] = [];
    for (const x of xs) {
      const [at, milliseconds] = await measure(x);
      points.push({ x: at, milliseconds });
    }
    return { title, unit, points };
  };
  const layers = 4;
  const curves = [
    await curve('parameters', 'million, 1 to 8 layers', [1, 2, 4, 8], async (n) => [
      parameters(n) / 1e6,
      await fastest(TRAIN_LOAD, n),
    ]),
    await curve('batch', 'rows of 64', [4, 8, 16, 32, 64], async (batch) => [
      batch,
      await fastest({ batch, time: 64 }, layers),
    ]),
    await curve('length', 'tokens in 32 rows', [16, 32, 64, 128], async (time) => [
      time,
      await fastest({ batch: 32, time }, layers),
    ]),
  ];
  const counts = [1, 2, 4, 8].filter((n) => n <= threads);
  curves.push(
    await curve('threads', '', counts, async (n) => {
      await startSimd({ threads: n, relaxed });
      return [n, await fastest(TRAIN_LOAD, layers)];
    }),
  );
  return curves;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [230, 190, 44, 40];

/** One panel: both axes from 0, a dot and its milliseconds at every point. */
function panel({ title, unit, points }: Growth, left: number): string {
  const [mostX, mostY] = [Math.max(...points.map(({ x }) => x)), Math.max(...points.map((p) => p.milliseconds))];
  const x = (value: number) => left + LEFT + (value / mostX) * (WIDTH - LEFT - 24);
  const y = (value: number) => HEIGHT - BOTTOM - (value / (1.15 * mostY)) * (HEIGHT - BOTTOM - 24);
  const at = points.map((p) => [x(p.x), y(p.milliseconds)].map((n) => n.toFixed(1)));
  const labels = points.map(
    (p, i) =>
      `<circle cx="${at[i][0]}" cy="${at[i][1]}" r="3"/><text x="${at[i][0]}" y="${Number(at[i][1]) - 7}" text-anchor="middle">${p.milliseconds.toFixed(0)}</text><text x="${at[i][0]}" y="${HEIGHT - BOTTOM + 13}" text-anchor="middle">${Number(p.x.toFixed(1))}</text>`,
  );
  const axes = `<path d="M${x(0)} 18V${y(0)}H${left + WIDTH - 12}" fill="none" stroke="#888"/>`;
  const line = `<polyline points="${at.map((p) => p.join()).join(' ')}" fill="none" stroke="#1b6f5f" stroke-width="1.5"/>`;
  return `${axes}${line}<g fill="#1b6f5f">${labels.join('')}</g><text x="${left + LEFT}" y="12" font-weight="bold">ms per step by ${title}</text><text x="${left + LEFT}" y="${HEIGHT - 8}">${unit}</text>`;
}

export function drawGrowth(curves: Growth[]): string {
  const width = WIDTH * curves.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" font-family="sans-serif" font-size="11" fill="#222" role="img" aria-label="Milliseconds per training step by parameters, batch, length and threads"><rect width="${width}" height="${HEIGHT}" fill="#fff"/>${curves.map((curve, i) => panel(curve, i * WIDTH)).join('')}</svg>
`;
}
