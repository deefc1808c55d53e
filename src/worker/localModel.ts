// Files of this machine, chosen or dropped: which of them are a model, and a name that the same weights always get.
import type { ByteSource } from '../lib/byteSource';
import { Sha256 } from '../lib/sha256';
import { blobBytes } from '../models/files/memoryBytes';
import type { ModelDescription } from '../models/files/modelDescription';
import { StudioError } from '../protocol/errors';
import type { LocalFile } from '../protocol/models';

/** Rows that are looked at for a name: reading all weights for one would take as long as loading them. */
const ROWS_IN_NAME = 16;

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const depthOf = (path: string) => path.split('/').length;

/** One GGUF, or the files beside the config.json that lies least deep. @throws StudioError('input') */
export function chooseLocal(files: LocalFile[]): Map<string, ByteSource> {
  const config = files
    .filter(({ path }) => baseOf(path) === 'config.json')
    .sort((a, b) => depthOf(a.path) - depthOf(b.path))[0];
  const ggufs = files.filter(({ path }) => path.toLowerCase().endsWith('.gguf'));
  if (config) {
    const beside = files.filter(({ path }) => folderOf(path) === folderOf(config.path));
    const isFolder = beside.some(({ path }) => path.endsWith('.safetensors'));
    if (isFolder || ggufs.length === 0) {
      return new Map(beside.map(({ path, file }) => [baseOf(path), blobBytes(baseOf(path), file)]));
    }
  }
  if (ggufs.length === 1) {
    const [{ path, file }] = ggufs;
    return new Map([[baseOf(path), blobBytes(baseOf(path), file)]]);
  }
  const came = files.map(({ path }) => baseOf(path)).slice(0, 8);
  throw new StudioError(
    'input',
    ggufs.length > 1
      ? `files: expected one GGUF, got ${ggufs.length}. Choose one of them.`
      : `files: expected a model folder (config.json, safetensors, tokenizer.json) or a GGUF, got ${came.join(', ') || 'nothing'}. Choose the whole folder.`,
  );
}

/** Eight digits made of the configuration, names and shapes of the tensors and some of their rows. */
export async function fingerprint({ config, tensors }: Pick<ModelDescription, 'config' | 'tensors'>): Promise<string> {
  const hash = new Sha256();
  const take = (text: string) => hash.update(new TextEncoder().encode(text));
  take(JSON.stringify(config));
  const list = [...tensors.tensors.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, shape, type } of list) take(`${name} ${shape} ${type}\n`);
  const every = Math.max(1, Math.floor(list.length / ROWS_IN_NAME));
  for (let i = 0; i < list.length; i += every) {
    if (list[i].shape.every((size) => size > 0)) hash.update(await list[i].readRows(0, 1));
  }
  return hash.hex().slice(0, 8);
}
