// Runs a development tool of node_modules (or any program) as a child, its output shown as it comes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's root folder, with a trailing slash. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Start files of the tools, so that neither a shell nor npx is needed. */
const tools = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  tsc: 'node_modules/typescript/bin/tsc',
  tsx: 'node_modules/tsx/dist/cli.mjs',
  vite: 'node_modules/vite/bin/vite.js',
  vitest: 'node_modules/vitest/vitest.mjs',
  playwright: 'node_modules/@playwright/test/cli.js',
};

/** @returns the exit code; 127 when the program could not be started. No standard input is passed on. */
export function runProgram(program: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', (error) => {
      console.error(`${program}: could not be started (${error.message}).`);
      resolve(127);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

export function runTool(tool: keyof typeof tools, args: string[], env: Record<string, string> = {}): Promise<number> {
  return runProgram(process.execPath, [root + tools[tool], ...args], env);
}
