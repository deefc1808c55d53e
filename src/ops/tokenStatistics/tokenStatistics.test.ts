// The checks of tokenStatistics.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { tokenStatisticsSuite } from './tokenStatistics.cases';

testOnEveryBackend(tokenStatisticsSuite);
