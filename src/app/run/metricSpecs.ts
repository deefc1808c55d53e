// Which metrics the overview draws, and how: data only. A recipe that reports none of a panel's metrics does not get the panel.
import type { WordKey } from './words';

export type LineLook = 'first' | 'second' | 'plain' | 'thin' | 'dotted';

export interface LineSpec {
  metric: string;
  /** Rows of practice, or evaluations on the validation problems. */
  from: 'rows' | 'evaluations';
  /** A word of the catalogue, or (for metrics the page does not know) their own name. */
  name: WordKey | { own: string };
  look: LineLook;
}

export interface PlotSpec {
  id: string;
  /** Said above it where a panel has two. */
  title: WordKey | null;
  lines: readonly LineSpec[];
  /** `share`: 0 to 100 %. `zero`: from 0 up. `free`: as the values are. */
  scale: 'share' | 'zero' | 'free';
  unit: WordKey | null;
}

export interface PanelSpec {
  id: string;
  title: WordKey | { own: string };
  help: WordKey | null;
  plots: readonly PlotSpec[];
}

const row = (metric: string, name: LineSpec['name'], look: LineLook): LineSpec => ({
  metric,
  from: 'rows',
  name,
  look,
});
const measured = (metric: string, name: LineSpec['name'], look: LineLook): LineSpec => ({
  metric,
  from: 'evaluations',
  name,
  look,
});

/** After accuracy and flips, in this order; the overview shows eight panels at most. */
export const overviewPanels: readonly PanelSpec[] = [
  {
    id: 'loss',
    title: 'panel.loss',
    help: 'panel.loss.help',
    plots: [
      { id: 'loss', title: null, lines: [row('loss', 'line.loss', 'plain')], scale: 'zero', unit: 'unit.natsPerToken' },
    ],
  },
  {
    id: 'pairs',
    title: 'panel.pairs',
    help: 'panel.pairs.help',
    plots: [
      {
        id: 'pairs',
        title: 'plot.pairs',
        lines: [
          row('rewards/chosen', 'line.chosen', 'plain'),
          row('rewards/real', 'line.chosen', 'plain'),
          row('rewards/rejected', 'line.rejected', 'dotted'),
          row('rewards/generated', 'line.rejected', 'dotted'),
        ],
        scale: 'free',
        unit: 'unit.nats',
      },
      {
        id: 'pairAccuracy',
        title: 'plot.pairAccuracy',
        lines: [row('rewards/accuracies', 'line.pairAccuracy', 'plain')],
        scale: 'share',
        unit: null,
      },
    ],
  },
  {
    id: 'rewards',
    title: 'panel.rewards',
    help: 'panel.rewards.help',
    plots: [
      {
        id: 'terms',
        title: 'plot.terms',
        lines: [
          row('rewards/lands_on_zero/mean', 'line.landsOnZero', 'plain'),
          row('rewards/arithmetic/mean', 'line.arithmetic', 'thin'),
          row('rewards/format/mean', 'line.format', 'dotted'),
        ],
        scale: 'share',
        unit: null,
      },
      {
        id: 'reward',
        title: 'plot.reward',
        lines: [row('reward', 'line.reward', 'plain'), row('reward_std', 'line.spread', 'dotted')],
        scale: 'free',
        unit: null,
      },
    ],
  },
  {
    id: 'kl',
    title: 'panel.kl',
    help: 'panel.kl.help',
    plots: [
      {
        id: 'kl',
        title: null,
        lines: [row('kl/t1', 'line.first', 'first'), row('kl/t2', 'line.second', 'second')],
        scale: 'zero',
        unit: 'unit.natsPerAnswer',
      },
    ],
  },
  {
    id: 'collapse',
    title: 'panel.collapse',
    help: 'panel.collapse.help',
    plots: [
      {
        id: 'collapse',
        title: null,
        lines: [
          row('train/unchanged_rate', 'line.unchanged', 'plain'),
          row('train/edit_distance', 'line.distance', 'dotted'),
          measured('eval/unchanged_rate', 'line.unchangedGreedy', 'thin'),
        ],
        scale: 'share',
        unit: null,
      },
    ],
  },
  {
    id: 'entropy',
    title: 'panel.entropy',
    help: 'panel.entropy.help',
    plots: [
      {
        id: 'entropy',
        title: 'plot.entropy',
        lines: [row('entropy', 'line.entropy', 'plain')],
        scale: 'zero',
        unit: 'unit.natsPerToken',
      },
      {
        id: 'length',
        title: 'plot.length',
        lines: [row('completions/mean_length', 'line.length', 'plain')],
        scale: 'zero',
        unit: 'unit.tokens',
      },
    ],
  },
  {
    id: 'signal',
    title: 'panel.signal',
    help: 'panel.signal.help',
    plots: [
      {
        id: 'zeroStd',
        title: 'plot.zeroStd',
        lines: [row('frac_reward_zero_std', 'line.zeroStd', 'plain')],
        scale: 'share',
        unit: null,
      },
      {
        id: 'advantages',
        title: 'plot.advantages',
        lines: [row('advantages/std', 'line.advantages', 'plain')],
        scale: 'zero',
        unit: null,
      },
    ],
  },
  {
    id: 'speed',
    title: 'panel.speed',
    help: 'panel.speed.help',
    plots: [
      {
        id: 'speed',
        title: null,
        lines: [row('tokens_per_second', 'line.speed', 'plain')],
        scale: 'zero',
        unit: 'unit.tokensPerSecond',
      },
    ],
  },
];

/** Of SCoRe, the lesson's method. */
export const lessonPanels: readonly string[] = ['rewards', 'kl', 'collapse', 'entropy', 'signal', 'speed'];

/** A panel for a metric by its own name: "all metrics". */
export function panelOfMetric(metric: string, from: LineSpec['from']): PanelSpec {
  const own = { own: metric };
  const lines = [{ metric, from, name: own, look: 'plain' as const }];
  return { id: metric, title: own, help: null, plots: [{ id: metric, title: null, lines, scale: 'free', unit: null }] };
}
