// What was learned, as a folder to take home: adapter_model.safetensors and adapter_config.json as PEFT names them, to be loaded
// beside the base model; or the whole model's weights, when all of them were trained.
import { zipSync } from 'fflate';
import { type Adapter, peftConfig, readAdapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { writeSafetensors } from '../models/safetensors';
import type { RunConfig } from '../protocol/events';

/** A fixed date makes the same adapter the same file. */
const FILE_DATE = '2026-01-01T00:00:00';

function readme(config: RunConfig, steps: number, full: boolean, integrated: boolean): string {
  const load = full
    ? 'Put `model.safetensors` in place of the one in the base model’s folder.'
    : integrated
      ? 'The layers hold NAT’s Integrate Unit besides two low-rank paths (`negative_A`, `negative_B`, `query`, `key`, `down`, `up`). PEFT has no such layer and cannot load this file.'
      : `\`\`\`python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("${config.model}")  # the folder of the base model
model = PeftModel.from_pretrained(base, ".")
tokenizer = AutoTokenizer.from_pretrained("${config.model}")
\`\`\``;
  return `---
library_name: peft
base_model: ${config.model}
pipeline_tag: text-generation
tags: [${config.recipe}, self-correction${full ? '' : ', lora'}]
---
# ${config.model}, practised with ${config.recipe}

Trained in a browser tab with Second Thought: recipe ${config.recipe}, seed ${config.seed}, ${steps} of ${config.totalSteps} steps, begun ${config.createdAt}.

${load}

Settings: \`${JSON.stringify(config.settings)}\`
`;
}

/** The zip of an adapter. @param steps done so far */
export async function exportAdapter(
  model: LanguageModel,
  adapter: Adapter,
  config: RunConfig,
  steps: number,
): Promise<{ fileName: string; bytes: Uint8Array<ArrayBuffer> }> {
  const full = adapter.config.method === 'full';
  const text = (value: string) => new TextEncoder().encode(value);
  const weights = writeSafetensors(await readAdapter(adapter), 'F32');
  const files: Record<string, Uint8Array> = { 'README.md': text(readme(config, steps, full, adapter.units.size > 0)) };
  if (full) files['model.safetensors'] = weights;
  else {
    files['adapter_model.safetensors'] = weights;
    // Loaded by PEFT, the two paths without their unit would be another model.
    if (adapter.units.size === 0)
      files['adapter_config.json'] = text(`${JSON.stringify(peftConfig(adapter, model.id), null, 2)}\n`);
  }
  const bytes = zipSync(files, { level: 0, mtime: FILE_DATE });
  return {
    fileName: `${config.model}-${config.recipe}-seed${config.seed}-step${steps}.zip`,
    bytes: new Uint8Array(bytes),
  };
}
