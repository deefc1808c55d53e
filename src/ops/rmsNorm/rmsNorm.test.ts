// The checks of rmsNorm.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { rmsNormSuite } from './rmsNorm.cases';

testOnEveryBackend(rmsNormSuite);
