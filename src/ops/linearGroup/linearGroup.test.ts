// The checks of linearGroup.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { linearGroupSuite } from './linearGroup.cases';

testOnEveryBackend(linearGroupSuite);
