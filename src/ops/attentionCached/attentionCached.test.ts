// The checks of attentionCached.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { attentionCachedSuite } from './attentionCached.cases';

testOnEveryBackend(attentionCachedSuite);
