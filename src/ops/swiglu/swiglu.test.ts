import { testOnEveryBackend } from '../testing/onEveryBackend';
import { swigluSuite } from './swiglu.cases';

testOnEveryBackend(swigluSuite);
