// The checks of swiglu.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { swigluSuite } from './swiglu.cases';

testOnEveryBackend(swigluSuite);
