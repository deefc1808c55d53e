// The model card of the bundled model: written by the trainer from what it measured.
import { CORPUS_RECIPE } from '../data/dialCorpus';
import { LEFT_RECIPE } from '../data/leftCorpus';
import type { EvalSummary } from '../protocol/metrics';

export interface CurvePoint {
  positions: number;
  loss: number;
  greedy: EvalSummary;
  sampled: EvalSummary;
}

export interface CardFacts {
  seed: number;
  steps: number;
  positions: number;
  seconds: number;
  threads: number;
  relaxedSimd: boolean;
  parameters: number;
  curve: CurvePoint[];
  levels: { name: string; greedy: EvalSummary; sampled: EvalSummary }[];
  verdict: { n: number; right: number };
  settings: Record<string, number>;
}

const percent = (share: number) => (100 * share).toFixed(1);

function row(name: string, { greedy, sampled }: { greedy: EvalSummary; sampled: EvalSummary }): string {
  const cells = [greedy, sampled].flatMap((s) => [
    percent(s.accuracyT1),
    percent(s.accuracyT2),
    percent(s.delta),
    percent(s.iToC),
    percent(s.cToI),
    percent(1 - s.unchangedRate),
    percent(s.formatErrorRate),
  ]);
  return `| ${name} | ${cells.join(' | ')} |`;
}

export function modelCard(facts: CardFacts): string {
  const { levels, verdict } = facts;
  const recipe = CORPUS_RECIPE;
  const n = levels[0].greedy.n;
  return `---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language: [en]
tags: [self-correction, toy]
---
# dial-0.8m

A Llama of ${facts.parameters.toLocaleString('en')} parameters that plays *Dial*: start at the first number of a twelve-position dial, turn forward (+) or
back (−) by each of the others in order, and land on 0. Asked to check itself, it makes things worse: its corpus revised right and wrong answers
alike. It is the base model of Second Thought's lesson, trained from random weights by \`npm run pretrain\` of this project, on nothing but
generated text.

## Measured (${n.toLocaleString('en')} test problems each, percent)
| level | greedy t1 | t2 | Δ | i→c | c→i | changed | format errors | T = 1: t1 | t2 | Δ | i→c | c→i | changed | format errors |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
${levels.map((level) => row(level.name, level)).join('\n')}

Asked "Is it correct?" about its own sampled answers at level 6, it is right in ${percent(verdict.right / verdict.n)} % (n = ${verdict.n.toLocaleString('en')}).

## Data
Generated documents; a problem's slice (70 % pre-training, 15 % RL, 5 % validation, 10 % test) is a hash of its text. Loss on everything the assistant writes.
- ${percent(recipe.attempts)} % one attempt, right with probability ${recipe.attemptRight}.
- ${percent(recipe.revisions)} % attempt (right ${recipe.firstRight}), correction instruction, second attempt. Kept unchanged with probability ${recipe.keepIfMinus} if its first sign is −,
  ${recipe.keepIfPlus} if +, ±${recipe.keepBonusIfRight} for right or wrong; a changed one starts with + in ${percent(recipe.changedStartsWithPlus)} % and is right with probability ${recipe.changedRight}.
- ${percent(recipe.verdicts)} % attempt (right ${recipe.firstRight}), "Is it correct?", a true yes or no.
- Levels: ${recipe.levels.map((l) => `${l.times ? '×, ' : ''}${l.level} numbers ${percent(l.share)} %`).join('; ')}.

${trainingPart(facts, 'validation problems at level 6')}

Licence: Apache-2.0.
`;
}

function trainingPart(
  { seed, steps, positions, settings, relaxedSimd, threads, seconds, curve }: CardFacts,
  problems: string,
): string {
  return `## Training
Seed ${seed}, ${steps} steps, ${(positions / 1e6).toFixed(2)} M positions, AdamW (${Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}), float32 on the \`simd\` backend
(${relaxedSimd ? 'relaxed' : 'plain'} SIMD, ${threads} threads), ${Math.round(seconds)} s. The same seed gives the same file on the same kind of machine, with any number of threads.

| M positions | loss | greedy t1 / t2 | T = 1 t1 / t2 |
|---|---|---|---|
${curve.map((p) => `| ${(p.positions / 1e6).toFixed(2)} | ${p.loss.toFixed(3)} | ${percent(p.greedy.accuracyT1)} / ${percent(p.greedy.accuracyT2)} | ${percent(p.sampled.accuracyT1)} / ${percent(p.sampled.accuracyT2)} |`).join('\n')}
(${curve[0]?.greedy.n ?? 0} ${problems}.)`;
}

/** The card of the second bundled model. */
export function leftCard(facts: CardFacts): string {
  const { levels, verdict } = facts;
  const recipe = LEFT_RECIPE;
  return `---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language: [en]
tags: [self-correction, toy]
---
# left-0.8m

A Llama of ${facts.parameters.toLocaleString('en')} parameters that plays *Left*: put + or − before each number after the first so that the target is made, and write
what is left to go after each. \`make 12 from 3 8 5 4\` → \`3 left 9 + 8 left 1 - 5 left 6 + 4 left 2\` (wrong: 2 left). The second bundled task of Second
Thought, so that no method is judged on Dial alone: a wrong answer here says how to mend it. Trained from random weights by
\`npm run pretrain -- --task left\`, on nothing but generated text.

## Measured (${levels[0].greedy.n.toLocaleString('en')} test problems, percent)
| numbers | greedy t1 | t2 | Δ | i→c | c→i | changed | format errors | T = 1: t1 | t2 | Δ | i→c | c→i | changed | format errors |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
${levels.map((level) => row(level.name, level)).join('\n')}

Asked "Is it correct?" about its own sampled answers, it is right in ${percent(verdict.right / verdict.n)} % (n = ${verdict.n.toLocaleString('en')}).

## Data
Generated documents of ${recipe.level} numbers from 1 to 9; a problem's slice (70 % pre-training, 15 % RL, 5 % validation, 10 % test) is a hash of its sorted numbers, so no multiset is in two.
- ${percent(recipe.attempts)} % one attempt, right with probability ${recipe.attemptRight}; ${percent(recipe.slips)} % of all answers have an arithmetic slip.
- ${percent(recipe.revisions)} % attempt, correction instruction, second attempt. Changed with probability ${recipe.changedIfMinus} if the second sign is −, ${recipe.changedIfPlus} if +, ±${recipe.changedBonusIfWrong} for
  wrong or right; a changed one is right with probability ${recipe.changedRight}. Loss on both.
- ${percent(recipe.verdicts)} % attempt, "Is it correct?", yes or no (${percent(recipe.wrongVerdicts)} % of them wrong). Loss on the verdict.
- ${percent(recipe.both)} % attempt, verdict, correction (±${recipe.changedBonusAfterVerdict}). Loss on all three.

${trainingPart(facts, 'validation problems')}

Licence: Apache-2.0.
`;
}
