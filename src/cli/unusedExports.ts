// Finds exports nobody imports. Text is enough: an exported name that occurs in no other file is unused.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './runTool';

const declaration = /^export (?:declare )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;

/** One sentence per unused export. AssemblyScript is left out: its exports are called from outside by name. */
export function findUnusedExports(): string[] {
  const files = ['src', 'e2e'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
  files.push('vite.config.ts', 'playwright.config.ts');
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const words = new Map([...texts].map(([file, text]) => [file, new Set(text.match(/\w+/g))]));
  const sentences: string[] = [];
  for (const [file, text] of texts) {
    if (file.endsWith('.as.ts')) continue;
    for (const [, name] of text.matchAll(declaration)) {
      const elsewhere = files.some((other) => other !== file && words.get(other)?.has(name));
      // A type that only describes its own file's functions is part of their signature.
      const isType = new RegExp(`^export (?:interface|type) ${name}\\b`, 'm').test(text);
      const usedHere = (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1;
      if (!elsewhere && !(isType && usedHere)) {
        sentences.push(`${file}: expected someone to import ${name}, nobody does. Remove it, or only its "export".`);
      }
    }
  }
  return sentences;
}
