// The checks of gelu.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { geluSuite } from './gelu.cases';

testOnEveryBackend(geluSuite);
