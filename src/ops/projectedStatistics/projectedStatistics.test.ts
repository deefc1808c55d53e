import { testOnEveryBackend } from '../testing/onEveryBackend';
import { projectedStatisticsSuite } from './projectedStatistics.cases';

testOnEveryBackend(projectedStatisticsSuite);
