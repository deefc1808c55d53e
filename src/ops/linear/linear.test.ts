// The checks of linear.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { linearSuite } from './linear.cases';

testOnEveryBackend(linearSuite);
