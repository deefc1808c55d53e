import { testOnEveryBackend } from '../testing/onEveryBackend';
import { rmsNormSuite } from './rmsNorm.cases';

testOnEveryBackend(rmsNormSuite);
