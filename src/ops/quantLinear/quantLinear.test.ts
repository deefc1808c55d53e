// The checks of quantLinear.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { quantLinearSuite } from './quantLinear.cases';

testOnEveryBackend(quantLinearSuite);
