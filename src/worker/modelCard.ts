// README.md of an export: a model card as the Hub reads it, in which every number was measured by the run it belongs to.
import type { Evaluation } from '../protocol/events';
import type { EvalSummary, Interval } from '../protocol/metrics';
import { recipeById } from '../recipes/index';
import type { ExportJob } from './exportAdapter';

const percent = (value: number) => (100 * value).toFixed(1);
const within = (value: number, { low, high }: Interval) => `${percent(value)} [${percent(low)}, ${percent(high)}]`;

function frontMatter({ model, config, adapter }: ExportJob): string {
  const isFull = adapter.config.method === 'full';
  const isForPeft = !isFull && adapter.units.size === 0;
  const kind = `base_model:${isFull ? 'finetune' : 'adapter'}:${model.id}`;
  const tags = isForPeft ? [kind, 'lora', 'transformers'] : isFull ? [kind, 'transformers'] : [kind];
  return [
    '---',
    ...(isForPeft || isFull ? [`library_name: ${isFull ? 'transformers' : 'peft'}`] : []),
    `base_model: ${model.id}`,
    'pipeline_tag: text-generation',
    'language: [en]',
    'tags:',
    ...[...tags, config.recipe, 'self-correction'].map((tag) => `  - "${tag}"`),
    '---',
  ].join('\n');
}

function quickStart({ model, adapter }: ExportJob): string {
  if (adapter.config.method === 'full') {
    return `\`\`\`python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained(".")  # this folder
tokenizer = AutoTokenizer.from_pretrained(".")
\`\`\``;
  }
  if (adapter.units.size > 0) {
    return 'The layers hold NAT’s Integrate Unit besides two low-rank paths (`negative_A`, `negative_B`, `query`, `key`, `down`, `up`). PEFT has no such layer and cannot load this file; `studio_run.json` holds rank and alpha.';
  }
  return `\`\`\`python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("${model.id}")  # the folder of the base model
model = PeftModel.from_pretrained(base, ".")  # this folder
tokenizer = AutoTokenizer.from_pretrained(".")
\`\`\``;
}

function row(name: string, { slice, step, greedy, sampled }: Evaluation): string[] {
  return [greedy, sampled].map((summary: EvalSummary) => {
    const { temperature, n, accuracyT1, accuracyT2, delta, iToC, cToI } = summary;
    const cells = [
      `${name}, step ${step}`,
      slice,
      temperature === 0 ? 'greedy' : `T = ${temperature}`,
      String(n),
      within(accuracyT1, summary.accuracyT1Interval),
      within(accuracyT2, summary.accuracyT2Interval),
      within(delta, summary.deltaInterval),
      percent(iToC),
      percent(cToI),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

function results({ measured: { base, trained, test } }: ExportJob): string {
  const rows = [
    ...(base ? row('base', base) : []),
    ...(trained ? row('trained', trained) : []),
    ...(test ? [...row('base', test.before), ...row('trained', test.after)] : []),
  ];
  if (rows.length === 0) return 'Nothing was measured yet, or nothing of it was kept.';
  const table = [
    '| model | problems | decoding | n | first attempt | second attempt | Δ | wrong → right | right → wrong |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
  const words =
    'Percent of n problems; 95 % intervals in brackets (attempts: Wilson; Δ = second − first attempt: paired). ' +
    'Both flips are shares of all n problems, so Δ is their difference.';
  if (!test) return [...table, '', words].join('\n');
  const { n, gained, lost, gain, gainInterval, pValue } = test.comparison;
  const compared =
    `Greedy second attempts on the same ${n} test problems, base against trained: ${gained} gained, ${lost} lost, ` +
    `${within(gain, gainInterval)} points; exact McNemar p = ${pValue.toPrecision(2)}.`;
  return [...table, '', words, '', compared].join('\n');
}

const taskOfCard = ({ task, level }: ExportJob['config']) =>
  task === 'arithmetic'
    ? `sums and differences of ${level} digits, in English`
    : `${task === 'left' ? 'Left' : 'Dial'} with ${level} numbers`;

function procedure({ model, origin, adapter, config, step, measured: { rate } }: ExportJob): string {
  const { title, paper } = recipeById(config.recipe);
  const { method, r, alpha } = adapter.config;
  const lines = [
    `- Method: ${title.en} (${paper}), recipe \`${config.recipe}\`.`,
    `- Trained: ${method === 'full' ? 'all weights' : `LoRA, r = ${r}, alpha = ${alpha}`}, ${step} of ${config.totalSteps} steps, seed ${config.seed}.`,
    `- Task: ${taskOfCard(config)}; problems are generated.`,
    `- Base: ${model.id}, ${model.parameters} parameters${origin.weightsSha256 ? `, SHA-256 of its weights \`${origin.weightsSha256}\`` : ''}.`,
    `- Run \`${config.id}\`, begun ${config.createdAt}${rate ? `; backend ${rate.backend}, ${rate.secondsPerStep.toPrecision(3)} s a step` : ''}.`,
  ];
  return `${lines.join('\n')}\n\n\`\`\`json\n${JSON.stringify(config.settings, null, 2)}\n\`\`\``;
}

export function modelCard(job: ExportJob, tfjsVersion: string): string {
  const { model, config, step, studioVersion } = job;
  return `${frontMatter(job)}
# ${model.id}, practised with ${config.recipe}

Trained in a browser tab with Second Thought, a page in which small language models learn to correct themselves. ${step} of ${config.totalSteps} steps.

## Quick start
${quickStart(job)}

The tokenizer and the chat template in this folder are those of the base model.

## Training procedure
${procedure(job)}

## Results
${results(job)}

## Limitations
- One run with one seed: the intervals are about which problems were drawn, not about what another seed would have learned.
- Practised and measured on ${taskOfCard(config)} only. What it does to anything else was not measured.
- The validation problems also chose the best checkpoint, where this is it; the test problems chose nothing.
- The base model's licence holds.

## Versions
Second Thought ${studioVersion}, TensorFlow.js ${tfjsVersion}; float32. \`studio_run.json\` holds the whole configuration and the figures in full.
`;
}
