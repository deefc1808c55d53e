// The checks of splitColumns.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { splitColumnsSuite } from './splitColumns.cases';

testOnEveryBackend(splitColumnsSuite);
