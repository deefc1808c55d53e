import { testOnEveryBackend } from '../testing/onEveryBackend';
import { adamWSuite } from './adamW.cases';

testOnEveryBackend(adamWSuite);
