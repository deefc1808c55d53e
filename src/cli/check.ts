// `npm run check`: format, lint, types, architecture map, unused exports, unit tests. What CI runs first.
import { checkStages, runStages } from './testStages';

await runStages(checkStages);
