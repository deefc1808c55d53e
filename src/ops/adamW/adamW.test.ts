// The checks of adamW.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { adamWSuite } from './adamW.cases';

testOnEveryBackend(adamWSuite);
