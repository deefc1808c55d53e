import { testOnEveryBackend } from '../testing/onEveryBackend';
import { attentionCachedSuite } from './attentionCached.cases';

testOnEveryBackend(attentionCachedSuite);
