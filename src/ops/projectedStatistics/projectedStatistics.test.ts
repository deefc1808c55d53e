// The checks of projectedStatistics.cases.ts on every backend present.
import { testOnEveryBackend } from '../testing/onEveryBackend';
import { projectedStatisticsSuite } from './projectedStatistics.cases';

testOnEveryBackend(projectedStatisticsSuite);
