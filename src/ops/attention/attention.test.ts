import { testOnEveryBackend } from '../testing/onEveryBackend';
import { attentionSuite } from './attention.cases';

testOnEveryBackend(attentionSuite);
