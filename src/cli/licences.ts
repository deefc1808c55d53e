// Under which licences the page's packages come: read from the lock file and the packages themselves when the page is built, and
// shown by it (module `virtual:licences`, loaded when somebody looks). `licences.test.ts` refuses what may not be shipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export interface Licence {
  name: string;
  version: string;
  /** SPDX expression */
  licence: string;
  /** The package's own licence and notice; null where it brings none. */
  text: string | null;
}

interface LockedPackage {
  version?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
}

/** Licences that ask for no more than to be named. */
export const SHIPPED = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'PSF-2.0', 'Unlicense'];
/** Tools that are used and not shipped may also be under a file-wise copyleft. */
export const TOOLS = [...SHIPPED, 'MPL-2.0', 'BlueOak-1.0.0', 'CC0-1.0', 'CC-BY-4.0', 'Python-2.0'];

/** `A AND B` needs both, `A OR B` one. Brackets do not occur; what cannot be read is refused. */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => allowed.includes(part.trim())));
}

function lockedPackages(root: string): [path: string, entry: LockedPackage][] {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  return Object.entries(lock.packages).filter(([path]) => path !== '');
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

function textOf(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(name));
  const texts = names.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
  return texts.length > 0 ? texts.join('\n\n') : null;
}

/** What the page is made of, by name. */
export function shippedLicences(root: string): Licence[] {
  const found = lockedPackages(root)
    .filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional)
    .map(([path, { version = '', license = 'unknown' }]): Licence => {
      return { name: nameOf(path), version, licence: license, text: textOf(join(root, path)) };
    });
  const byName = new Map(found.map((licence) => [`${licence.name}@${licence.version}`, licence]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What only builds and tests it: name and licence. */
export function toolLicences(root: string): Pick<Licence, 'name' | 'licence'>[] {
  return lockedPackages(root)
    .filter(([, { dev, devOptional, optional }]) => dev || devOptional || optional)
    .map(([path, { license = 'unknown' }]) => ({ name: nameOf(path), licence: license }));
}

const MODULE = 'virtual:licences';

/** The list as a module of the page; equal texts are kept once. */
export function licencesPlugin(root: string): Plugin {
  return {
    name: 'licences',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : null),
    load(id) {
      if (id !== `\0${MODULE}`) return null;
      const texts: string[] = [];
      const packages = shippedLicences(root).map(({ text, ...rest }) => {
        if (text !== null && !texts.includes(text)) texts.push(text);
        return { ...rest, text: text === null ? null : texts.indexOf(text) };
      });
      return `export default ${JSON.stringify({ packages, texts })};`;
    },
  };
}
