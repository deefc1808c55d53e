// Entry of the process in which stock tfjs runs.
import { ready, setBackend, version } from '@tensorflow/tfjs';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { benchWeights } from '../../../worker/benchModel';
import { opBenches, timeRun } from '../opBench';
import { answerWork } from './nodePeer';
import { stockSide } from './stockModel';
import { allowThreadsInNode } from './stockThreads';

const threads = Number(process.argv[2]);
if (threads > 1) allowThreadsInNode(threads);
await setBackend('wasm');
await ready();
answerWork({
  version: version.tfjs,
  threads: threads > 1 ? getThreadsCount() : 1,
  side: (load) => stockSide(benchWeights(), load),
  op: (index) => timeRun(opBenches[index].stock()),
});
