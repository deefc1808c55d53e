// Model files on disk, read by ranges: a folder in Hugging Face's form, or a GGUF file.
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ByteSource } from '../lib/byteSource';
import type { Adapter } from '../models/adapter';
import type { ModelDescription } from '../models/files/modelDescription';
import { openGguf } from '../models/files/openGguf';
import { openSafetensorsFolder } from '../models/files/safetensorsFolder';
import { readGgufAdapter } from '../models/ggufAdapter';
import type { LanguageModel } from '../models/model';
import { importPeftAdapter } from '../models/peftImport';
import { readSafetensors } from '../models/safetensors';
import { StudioError } from '../protocol/errors';

/** A file on disk; opened at the first read. */
async function nodeBytes(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  let file: FileHandle | null = null;
  return {
    name: basename(path),
    size,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= size))
        throw new StudioError('model', `${path}: expected bytes within 0…${size}, got ${offset}…${offset + length}.`);
      file ??= await open(path);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new StudioError('model', `${path}: expected ${size} bytes, the file ended before.`);
        done += bytesRead;
      }
      return bytes;
    },
    async close() {
      await file?.close();
      file = null;
    },
  };
}

/** @param path a folder with config.json and safetensors, or a .gguf file */
export async function describeModel(path: string): Promise<ModelDescription> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new RangeError(`--model: expected a folder or a .gguf file, got "${path}", which is not there.`);
  if (!found.isDirectory()) return openGguf(await nodeBytes(path));
  const names = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile());
  const files = names.map(async ({ name }): Promise<[string, ByteSource]> => [name, await nodeBytes(join(path, name))]);
  return openSafetensorsFolder(new Map(await Promise.all(files)));
}

/** @param folder with adapter_config.json and adapter_model.safetensors, or a GGUF as llama.cpp loads it */
export async function openAdapter(model: LanguageModel, folder: string): Promise<Adapter> {
  if (folder.endsWith('.gguf')) {
    const source = await nodeBytes(folder);
    const adapter = await readGgufAdapter(model, source);
    await source.close?.();
    return adapter;
  }
  const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'));
  const file = 'adapter_model.safetensors';
  return importPeftAdapter(model, config, readSafetensors(await readFile(join(folder, file)), file));
}
