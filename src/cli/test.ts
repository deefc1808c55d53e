// `npm test`: everything, from a clean clone: a browser is found or installed, then all stages run and are counted.
import { haveBrowser } from './findBrowser';
import { browserStages, checkStages, runStages } from './testStages';

const browser = await haveBrowser();
if (browser) console.log(`Browser: ${browser}`);
await runStages([...checkStages, ...browserStages(browser)]);
