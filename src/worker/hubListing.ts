// What a repository of Hugging Face (or of a host that answers like it) holds, and which of its files a model is made of.
import { sha256Hex } from '../lib/sha256';
import { StudioError } from '../protocol/errors';
import type { HubPlace } from '../protocol/models';
import type { Blueprint } from '../storage/modelCache';
import { type Asking, askJson } from './hubRequests';

export interface HubListing {
  /** The commit the revision stands for: a branch that moves during a download does no harm. */
  commit: string;
  licence: string | null;
  files: Blueprint[];
}

const LISTING_BYTES = 16 * 1024 * 1024;
const MOST_PAGES = 20;
/** Files of a model folder beside its weights. */
const BESIDE = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
];

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

export function fileUrl(place: HubPlace, commit: string, name: string): string {
  return `${place.host}/${encodePath(place.repo)}/resolve/${encodeURIComponent(commit)}/${encodePath(name)}`;
}

/** @throws StudioError('input') for what is no place */
export function checkPlace(place: HubPlace): HubPlace {
  const host = place.host.replace(/\/+$/, '');
  const repo = place.repo.trim();
  // Old names have no owner; the host redirects them.
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(repo) || repo.includes('..')) {
    throw new StudioError(
      'input',
      `model: expected a name like "owner/name", got "${place.repo}". Copy it from the model’s page.`,
    );
  }
  if (!/^https:\/\/[^/?#]+|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(host)) {
    throw new StudioError(
      'input',
      `host: expected an address that begins with https://, got "${place.host}". Correct it.`,
    );
  }
  return { ...place, host, repo, revision: place.revision.trim() || 'main' };
}

const fields = (value: unknown): Record<string, unknown> => Object(value);

function licenceOf(about: Record<string, unknown>): string | null {
  const { license } = fields(about.cardData);
  if (typeof license === 'string') return license;
  const tags: unknown[] = Array.isArray(about.tags) ? about.tags : [];
  const tag = tags.find((entry) => typeof entry === 'string' && entry.startsWith('license:'));
  return typeof tag === 'string' ? tag.slice('license:'.length) : null;
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function blueprintOf(entry: Record<string, unknown>, place: HubPlace): Blueprint | null {
  const { path, size, oid, type } = entry;
  if (type !== 'file' || typeof path !== 'string' || !isLength(size)) return null;
  const large = fields(entry.lfs);
  const hash = typeof large.oid === 'string' && /^[0-9a-f]{64}$/.test(large.oid) ? large.oid : null;
  if (hash) return { name: path, bytes: isLength(large.size) ? large.size : size, key: `sha256-${hash}`, sha256: hash };
  const isGit = typeof oid === 'string' && /^[0-9a-f]{40}$/.test(oid);
  const address = `${place.host} ${place.repo} ${path} ${String(oid)} ${size}`;
  const key = isGit ? `git-${oid}` : `at-${sha256Hex(new TextEncoder().encode(address))}`;
  return { name: path, bytes: size, key, sha256: null };
}

/** @throws StudioError('model') with a sentence for every way a host says no */
export async function listRepository(place: HubPlace, asking: Asking): Promise<HubListing> {
  const base = `${place.host}/api/models/${encodePath(place.repo)}`;
  const about = fields(
    (await askJson(`${base}/revision/${encodeURIComponent(place.revision)}`, asking, LISTING_BYTES)).json,
  );
  const commit = typeof about.sha === 'string' ? about.sha : place.revision;
  const files: Blueprint[] = [];
  let url: string | null = `${base}/tree/${encodeURIComponent(commit)}?recursive=true`;
  for (let page = 0; url !== null && page < MOST_PAGES; page++) {
    const { json, next }: Awaited<ReturnType<typeof askJson>> = await askJson(url, asking, LISTING_BYTES);
    for (const entry of Array.isArray(json) ? json : []) {
      const blueprint = blueprintOf(fields(entry), place);
      if (blueprint) files.push(blueprint);
    }
    // The token goes to this host alone.
    url = next?.startsWith(`${place.host}/`) ? next : null;
  }
  return { commit, licence: licenceOf(about), files };
}

const isGguf = ({ name }: Blueprint) => name.toLowerCase().endsWith('.gguf');

/** GGUF files, smallest first. Parts of a split file are no model by themselves. */
export function ggufChoices(files: Blueprint[]): Blueprint[] {
  return files
    .filter((file) => isGguf(file) && !/-\d{5}-of-\d{5}\.gguf$/.test(file.name) && !/mmproj/i.test(file.name))
    .sort((a, b) => a.bytes - b.bytes);
}

/** The files to fetch: the GGUF that was named; else the folder of safetensors; else the largest GGUF of at most `mostBytes`. */
export function filesOfModel(place: HubPlace, files: Blueprint[], mostBytes: number): Blueprint[] {
  if (place.file !== null) {
    const named = files.find(({ name }) => name === place.file);
    if (named) return [named];
    throw new StudioError(
      'model',
      `${place.repo}: expected a file "${place.file}", the repository has none. Choose another.`,
    );
  }
  const folder = files.filter(({ name }) => BESIDE.includes(name));
  const weights = weightFiles(files);
  if (weights.length > 0 && folder.some(({ name }) => name === 'config.json')) return [...folder, ...weights];
  const choices = ggufChoices(files);
  const gguf = choices.filter(({ bytes }) => bytes <= mostBytes).at(-1) ?? choices[0];
  if (gguf) return [gguf];
  const there = files.map(({ name }) => name).slice(0, 8);
  throw new StudioError(
    'model',
    `${place.repo}: expected safetensors with a config.json, or a GGUF file, got ${there.join(', ') || 'an empty repository'}. Choose a repository that has them.`,
  );
}

function weightFiles(files: Blueprint[]): Blueprint[] {
  const index = files.find(({ name }) => name === 'model.safetensors.index.json');
  const parts = files.filter(({ name }) => /^model-\d+-of-\d+\.safetensors$/.test(name));
  if (index && parts.length > 0) return [index, ...parts];
  const one = files.find(({ name }) => name === 'model.safetensors');
  if (one) return [one];
  const others = files.filter(({ name }) => /^[^/]+\.safetensors$/.test(name));
  return others.length === 1 ? others : [];
}
