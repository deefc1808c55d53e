import { testOnEveryBackend } from '../testing/onEveryBackend';
import { linearSuite } from './linear.cases';

testOnEveryBackend(linearSuite);
