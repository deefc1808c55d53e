import { testOnEveryBackend } from '../testing/onEveryBackend';
import { rotarySuite } from './rotary.cases';

testOnEveryBackend(rotarySuite);
