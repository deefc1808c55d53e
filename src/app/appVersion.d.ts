// Put in by the bundler (vite.config.ts).

/** as package.json says */
declare const APP_VERSION: string;
