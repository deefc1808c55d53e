// The checks of layerNorm.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { layerNormSuite } from './layerNorm.cases';

testOnEveryBackend(layerNormSuite);
