import { testOnEveryBackend } from '../testing/onEveryBackend';
import { tokenStatisticsSuite } from './tokenStatistics.cases';

testOnEveryBackend(tokenStatisticsSuite);
