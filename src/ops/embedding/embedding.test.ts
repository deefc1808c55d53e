// The checks of embedding.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { embeddingSuite } from './embedding.cases';

testOnEveryBackend(embeddingSuite);
