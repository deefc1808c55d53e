import { testOnEveryBackend } from '../testing/onEveryBackend';
import { embeddingSuite } from './embedding.cases';

testOnEveryBackend(embeddingSuite);
