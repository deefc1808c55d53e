// Entry of the process in which jax-js runs.
import { readFileSync } from 'node:fs';
import { giveWebWorkers } from './jaxThreads';
import { answerWork } from './nodePeer';

const threads = Number(process.argv[2]);
giveWebWorkers(threads);
// Only now: it looks for web workers when it is loaded.
const { defaultDevice, init } = await import('@jax-js/jax');
await init('wasm');
defaultDevice('wasm');
const { jaxSide } = await import('./jaxModel');
const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));
answerWork({ version: manifest.devDependencies['@jax-js/jax'], threads, side: jaxSide });
