// The checks of rotary.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { rotarySuite } from './rotary.cases';

testOnEveryBackend(rotarySuite);
