// The checks of residual.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { residualSuite } from './residual.cases';

testOnEveryBackend(residualSuite);
