// The checks of gemm.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { gemmSuite } from './gemm.cases';

testOnEveryBackend(gemmSuite);
