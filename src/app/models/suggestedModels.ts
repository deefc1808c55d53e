// Small models that the architectures here know, to begin with. What they would need is read from the hub before anything is fetched:
// nothing of a size stands here but what their publishers say in the name or on the card.
import type { HubPlace } from '../../protocol/models';

export interface SuggestedModel {
  name: string;
  repo: string;
  /** millions, as published */
  parameters: number;
  licence: string;
  /** The hub wants its terms agreed to and a token. */
  isGated: boolean;
  /** It was trained to answer in a conversation. */
  canChat: boolean;
}

export const HUB_HOST = 'https://huggingface.co';

export const suggestedModels: readonly SuggestedModel[] = [
  {
    name: 'SmolLM2 135M Instruct',
    repo: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    parameters: 135,
    licence: 'Apache-2.0',
    isGated: false,
    canChat: true,
  },
  {
    name: 'SmolLM2 360M Instruct',
    repo: 'HuggingFaceTB/SmolLM2-360M-Instruct',
    parameters: 360,
    licence: 'Apache-2.0',
    isGated: false,
    canChat: true,
  },
  {
    name: 'Gemma 3 270M',
    repo: 'google/gemma-3-270m-it',
    parameters: 270,
    licence: 'Gemma',
    isGated: true,
    canChat: true,
  },
  {
    name: 'Qwen2.5 0.5B Instruct',
    repo: 'Qwen/Qwen2.5-0.5B-Instruct',
    parameters: 494,
    licence: 'Apache-2.0',
    isGated: false,
    canChat: true,
  },
  {
    name: 'Qwen3 0.6B',
    repo: 'Qwen/Qwen3-0.6B',
    parameters: 596,
    licence: 'Apache-2.0',
    isGated: false,
    canChat: true,
  },
  {
    name: 'Pythia 70M',
    repo: 'EleutherAI/pythia-70m',
    parameters: 70,
    licence: 'Apache-2.0',
    isGated: false,
    canChat: false,
  },
  {
    name: 'GPT-2',
    repo: 'openai-community/gpt2',
    parameters: 124,
    licence: 'MIT',
    isGated: false,
    canChat: false,
  },
];

/** `owner/name`, a link to a repository or to a file of it; null where it is none of these. */
export function placeOf(typed: string, host: string, revision: string): HubPlace | null {
  const text = typed.trim();
  const link = /^(https?:\/\/[^/]+)\/([\w.-]+\/[\w.-]+)(?:\/(?:resolve|blob|tree)\/([^/?#]+)(?:\/([^?#]+))?)?/.exec(
    text,
  );
  if (link) {
    const file = link[4]?.endsWith('.gguf') ? decodeURIComponent(link[4]) : null;
    return { host: link[1], repo: link[2], revision: link[3] ?? (revision.trim() || 'main'), file };
  }
  const name = /^([\w.-]+\/[\w.-]+)(?:\/(.+\.gguf))?$/.exec(text);
  if (!name || !/^https?:\/\/[^/]+/.test(host)) return null;
  return {
    host: host.trim().replace(/\/+$/, ''),
    repo: name[1],
    revision: revision.trim() || 'main',
    file: name[2] ?? null,
  };
}
