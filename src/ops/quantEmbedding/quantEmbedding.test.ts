// The checks of quantEmbedding.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { quantEmbeddingSuite } from './quantEmbedding.cases';

testOnEveryBackend(quantEmbeddingSuite);
