// The checks of attention.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { attentionSuite } from './attention.cases';

testOnEveryBackend(attentionSuite);
