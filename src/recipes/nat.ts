// NAT, negative assistant training: Li et al. 2023, "Turning Dust into Gold: Distilling Complex Reasoning Capabilities from LLMs by
// Leveraging Negative Data" (AAAI 2024), arXiv 2312.12832.
//   stage 1   θ⁻ = argmin E_neg[ −log π_{θ⁻}(y|x) ]        a low-rank path learns the wrong answers (Neg-LoRA)
//   stage 2   θ⁺ = argmin E_pos[ −log π_{θ⁻,θ⁺}(y|x) ]     θ⁻ frozen; a second path and the Integrate Unit learn the right ones
//   in every wrapped layer, per token:  y = Wx + (1 − α) v₊ + α v₋,  α = a₋ − ½,  a = softmax(q·k₊, q·k₋)
// Differs from the paper in:
//  1. The unit is as its code computes it: a softmax, which Eq. 4 does not have; GELU between the two halves of v.
//  2. Neg-LoRA begins at B = 0 (its code skips that, and begins at random); W_K and W_down are as wide as the layer's output.
//  3. No dropout (it: 0.05 on both paths). d_a = 32 (it: 128 in a model 4096 wide); it says nothing of the parameters the unit adds:
//     `negative: zero` is a control with the unit and without what it should attend to.
//  4. The teacher is the task's own solver, right with probability `teacherRight`, or the base itself (it: GPT-3.5 and GPT-4).
//  5. Loss on the answer alone (its code also counts question and padding). Every step draws its own answers (it: 20 epochs).
//  6. While stage 1 lasts, evaluations are of the model that learned the wrong answers.
import { attemptsLoad } from './batchLoad';
import { learningRateField, numberField } from './fieldKinds';
import { natPresets } from './methodPresets';
import { natAdapter, natFields, natStages } from './natStages';
import type { Job, Recipe } from './recipe';
import { natStageWords } from './recipeStages';

export const nat: Recipe = {
  id: 'nat',
  title: { en: 'NAT (a path for wrong answers)', ko: 'NAT(틀린 답의 경로)' },
  paper: 'Li et al. 2023, arXiv 2312.12832',
  fields: [
    numberField(
      'negativeShare',
      [0.4, 0, 1],
      { en: 'Share of steps on wrong answers', ko: '틀린 답을 배우는 단계의 비율' },
      { en: 'Stage 1. The paper’s code: as long as stage 2.', ko: '1단계. 논문의 코드는 2단계와 같은 길이입니다.' },
    ),
    learningRateField(0.001),
    ...natFields,
  ],
  presets: natPresets,
  stages: natStageWords,
  adapter: natAdapter,
  load: (settings, lengths) => attemptsLoad(settings, lengths, settings.firsts as number),
  run: (job: Job) =>
    natStages(job, Math.round((job.settings.negativeShare as number) * job.totalSteps), job.totalSteps),
};
