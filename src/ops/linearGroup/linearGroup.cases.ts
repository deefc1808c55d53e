// What a group of linear layers must do, on any backend: what each layer does alone, to the last bit where that is asked.
import { addN, engine, mul, type Scalar, sum, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { gradients } from '../backward';
import { floats } from '../cpuKernel';
import { linear } from '../linear/linear';
import { referenceLinear } from '../linear/linear.cpu';
import { assertClose } from '../testing/compare';
import { checksOf, float, type OpCase, type OpSuite, type PlainInputs, readAll, toTensor } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { type GroupLayer, linearGroup } from './linearGroup';

/** One layer of a case; rank 0 = no LoRA. */
interface Layer {
  out: number;
  bias: boolean;
  rank: number;
}

const SCALE = 1.5;

function inputsOf(rows: number, width: number, layers: Layer[]): PlainInputs {
  const inputs: PlainInputs = { x: normals([rows, width], 1) };
  layers.forEach(({ out, bias, rank }, i) => {
    inputs[`w${i}`] = normals([out, width], 2 + 10 * i);
    if (bias) inputs[`bias${i}`] = normals([out], 3 + 10 * i);
    if (rank)
      Object.assign(inputs, {
        [`a${i}`]: normals([rank, width], 4 + 10 * i),
        [`b${i}`]: normals([out, rank], 5 + 10 * i),
      });
  });
  return inputs;
}

/** The layers of a case made of its tensors. */
function layersOf(inputs: Record<string, Tensor>, layers: Layer[]): GroupLayer[] {
  return layers.map(({ bias, rank }, i) => ({
    w: inputs[`w${i}`] as Tensor2D,
    bias: bias ? (inputs[`bias${i}`] as Tensor1D) : null,
    lora: rank ? { a: inputs[`a${i}`] as Tensor2D, b: inputs[`b${i}`] as Tensor2D, scale: SCALE + i } : null,
  }));
}

function groupCase(rows: number, width: number, layers: Layer[]): OpCase {
  const inputs = inputsOf(rows, width, layers);
  const title = layers.map(({ out, bias, rank }) => `${out}${bias ? ' with bias' : ''}${rank ? ` rank ${rank}` : ''}`);
  return {
    title: `${rows} rows, ${width} → ${title.join(', ')}`,
    inputs,
    op: (tensors) => linearGroup(tensors.x as Tensor2D, layersOf(tensors, layers)),
    reference: (plain) =>
      layers.map(({ bias, rank }, i) => {
        const lora = rank ? { a: float(plain, `a${i}`), b: float(plain, `b${i}`), scale: SCALE + i } : null;
        return referenceLinear(
          float(plain, 'x'),
          float(plain, `w${i}`),
          bias ? float(plain, `bias${i}`) : null,
          lora,
        )[0];
      }),
    differentiable: Object.keys(inputs),
    tolerance: 1e-6,
    gradientTolerance: 2e-6,
  };
}

const layer = (out: number, rank = 0, bias = false): Layer => ({ out, rank, bias });

const GROUPS: [number, number, Layer[]][] = [
  [1, 3, [layer(1), layer(2)]],
  [5, 7, [layer(3, 2), layer(9), layer(4, 1, true)]],
  [17, 33, [layer(9, 0, true), layer(9, 4)]],
  [65, 32, [layer(32, 5), layer(16, 5), layer(16, 5)]],
];

/** Values and all gradients of a weighted sum of the outputs, with our own backward pass. `trained`: names of what gradients are asked of. */
async function measured(inputs: PlainInputs, layers: Layer[], together: boolean, trained: string[]) {
  return (
    await readAll(() => {
      const tensors = Object.fromEntries(Object.entries(inputs).map(([name, plain]) => [name, toTensor(plain)]));
      const loss = () => {
        const [x, list] = [tensors.x as Tensor2D, layersOf(tensors, layers)];
        const ys = together ? linearGroup(x, list) : list.map(({ w, bias, lora }) => linear(x, w, { bias, lora }));
        return addN(ys.map((y, i) => sum(mul(y, toTensor(normals(y.shape, 70 + i)))))) as Scalar;
      };
      const { value, grads } = gradients(
        loss,
        trained.map((name) => tensors[name]),
      );
      return [value, ...grads];
    })
  ).values;
}

/** What training must find: on `simd` the same bits as layer by layer, whatever part of the weights is trained. */
async function sameAsSingleLayers(): Promise<void> {
  const tolerance = engine().backendName === 'simd' ? 0 : 1e-6;
  for (const [rows, width, layers] of GROUPS) {
    const inputs = inputsOf(rows, width, layers);
    const names = Object.keys(inputs);
    for (const trained of [names, ['x', 'w1'], names.filter((name) => name.startsWith('b')), ['x', 'w0']]) {
      const present = trained.filter((name) => names.includes(name));
      if (present.length === 0) continue;
      const [mine, theirs] = [
        await measured(inputs, layers, true, present),
        await measured(inputs, layers, false, present),
      ];
      mine.forEach((values, i) => {
        assertClose(
          'the same as single layers',
          values,
          Float64Array.from(theirs[i]),
          tolerance,
          i ? present[i - 1] : 'value',
        );
      });
    }
  }
}

export const linearGroupSuite: OpSuite = {
  op: 'linearGroup',
  checks: [
    ...GROUPS.flatMap(([rows, width, layers]) => checksOf(groupCase(rows, width, layers))),
    { title: 'as single layers', run: sameAsSingleLayers },
    {
      title: 'an adapter with B = 0 changes nothing',
      run: async () => {
        const layers = [layer(13, 4), layer(5, 2)];
        const inputs = inputsOf(9, 17, layers);
        const plain = layers.map(({ out }) => layer(out));
        const zero = { ...inputs, b0: floats([13, 4]), b1: floats([5, 2]) };
        const of = async (which: PlainInputs, list: Layer[]) => {
          const item = groupCase(9, 17, list);
          return (
            await readAll(() => item.op(Object.fromEntries(Object.entries(which).map(([n, p]) => [n, toTensor(p)]))))
          ).values;
        };
        const [adapted, base] = [await of(zero, layers), await of(inputs, plain)];
        adapted.forEach((values, i) => {
          assertClose('zero adapter', values, Float64Array.from(base[i]), 0);
        });
      },
    },
  ],
};
