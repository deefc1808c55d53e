import { testOnEveryBackend } from '../testing/onEveryBackend';
import { gemmSuite } from './gemm.cases';

testOnEveryBackend(gemmSuite);
