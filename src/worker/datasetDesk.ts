// The dataset that is being looked at: read once, its columns mapped as often as a person changes them, and shown as the model in use
// would read it.
import { type DatasetExample, guessMapping, mapRows } from '../data/columnMapping';
import { shorten, type Table } from '../data/dataTable';
import { summarizeLengths } from '../data/lengthSummary';
import { readDatasetFile, readDatasetText } from '../data/readDataset';
import type { LanguageModel } from '../models/model';
import type { Command } from '../protocol/commands';
import type {
  ColumnMapping,
  DatasetPreview,
  DatasetReport,
  LineProblem,
  OpenedDataset,
  Split,
  SplitShares,
  TokenPiece,
} from '../protocol/datasets';
import { StudioError, toWireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';

type Asked<Type extends Command['type']> = Extract<Command, { type: Type }>;

const SAMPLE_ROWS = 5;
/** Conversations that are measured; of a larger dataset every n-th. */
const MEASURED = 2000;
const SHOWN_PROBLEMS = 200;
const SHOWN_PIECES = 1500;
/** After so long other messages are let in. */
const PULSE_MS = 40;

const UNKNOWN = new Set(['<unk>', '[UNK]', '<|unk|>']);

function cellText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function describe(name: string, { format, columns, rows }: Table): OpenedDataset {
  return {
    name,
    format,
    columns,
    rows: rows.length,
    sample: rows
      .slice(0, SAMPLE_ROWS)
      .map(({ line, values }) => ({ line, cells: columns.map((column) => cellText(values[column])) })),
    guess: guessMapping(columns),
  };
}

/** The conversation token by token; tokens that share a character are one piece. */
function cutPieces({ tokenizer, chat }: LanguageModel, messages: DatasetExample['messages']): TokenPiece[] {
  const { ids, mask } = chat.conversation(messages);
  const text = chat.render(messages, false);
  const { starts, ends } = tokenizer.encodeSpans(text);
  const pieces: TokenPiece[] = [];
  let at = 0;
  ids.forEach((id, i) => {
    if (starts[i] > at) {
      pieces.push({ text: text.slice(at, starts[i]), tokens: 0, trained: false, special: false, unknown: false });
      at = starts[i];
    }
    const last = pieces.at(-1);
    if (last && last.tokens > 0 && ends[i] <= at) {
      last.tokens++;
      last.trained ||= mask[i] === 1;
      return;
    }
    pieces.push({
      text: text.slice(at, ends[i]),
      tokens: 1,
      trained: mask[i] === 1,
      special: tokenizer.isSpecial(id),
      unknown: UNKNOWN.has(tokenizer.tokenText(id)),
    });
    at = Math.max(at, ends[i]);
  });
  return pieces;
}

function preview(model: LanguageModel | null, { line, split, messages }: DatasetExample): DatasetPreview {
  const pieces = model ? cutPieces(model, messages) : null;
  const count = (pick: (piece: TokenPiece) => boolean) =>
    (pieces ?? []).reduce((sum, piece) => sum + (pick(piece) ? piece.tokens : 0), 0);
  return {
    line,
    split,
    messages,
    pieces: pieces?.slice(0, SHOWN_PIECES) ?? null,
    tokens: count(() => true),
    trained: count(({ trained }) => trained),
    isCut: (pieces?.length ?? 0) > SHOWN_PIECES,
  };
}

const countSplits = (examples: readonly DatasetExample[]): Record<Split, number> => {
  const splits = { train: 0, validation: 0, test: 0 };
  for (const { split } of examples) splits[split]++;
  return splits;
};

export class DatasetDesk {
  private table: Table | null = null;
  private latest = 0;

  /** @param model the one in use, or null */
  constructor(
    private readonly model: () => LanguageModel | null,
    private readonly post: (event: StudioEvent) => void,
    private readonly letMessagesIn: () => Promise<void>,
  ) {}

  async open({ requestId, name, source }: Asked<'dataset.open'>): Promise<void> {
    await this.answer(requestId, async () => {
      this.table = null;
      this.table =
        typeof source === 'string'
          ? readDatasetText(source)
          : await readDatasetFile(new Uint8Array(await source.arrayBuffer()));
      this.post({ type: 'dataset.opened', requestId, dataset: describe(name, this.table) });
    });
  }

  async check({ requestId, mapping, shares, offset }: Asked<'dataset.check'>): Promise<void> {
    this.latest = requestId;
    await this.answer(requestId, async () => {
      const report = await this.reportOf(requestId, this.mapped(mapping, shares), offset);
      if (report) this.post({ type: 'dataset.checked', requestId, report });
    });
  }

  async take({ requestId, mapping, shares }: Asked<'dataset.take'>): Promise<void> {
    await this.answer(requestId, async () => {
      const { examples } = this.mapped(mapping, shares);
      const lines = examples.map(({ messages, rejected, answer, split }) =>
        JSON.stringify({ messages, ...(rejected ? { rejected } : {}), ...(answer === null ? {} : { answer }), split }),
      );
      this.post({ type: 'dataset.taken', requestId, jsonl: `${lines.join('\n')}\n`, splits: countSplits(examples) });
    });
  }

  private async answer(requestId: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.post({ type: 'dataset.failed', requestId, error: toWireError(error) });
    }
  }

  private mapped(mapping: ColumnMapping, shares: SplitShares): ReturnType<typeof mapRows> {
    if (!this.table)
      throw new StudioError('input', 'dataset: expected an open dataset, there is none. Choose a file first.');
    return mapRows(this.table, mapping, shares);
  }

  /** null when another question came in between. */
  private async reportOf(
    requestId: number,
    { examples, problems }: ReturnType<typeof mapRows>,
    offset: number,
  ): Promise<DatasetReport | null> {
    const model = this.model();
    const measured = await this.measure(requestId, model, examples, problems);
    if (!measured) return null;
    const from = Math.max(0, Math.min(offset, examples.length - 1));
    const shown = examples.slice(from, from + 1);
    return {
      usable: examples.length,
      splits: countSplits(examples),
      problems: problems.sort((a, b) => a.line - b.line).slice(0, SHOWN_PROBLEMS),
      problemCount: problems.length,
      model: model?.id ?? null,
      maxPositions: model?.architecture.shape.maxPositions ?? null,
      ...measured,
      previews: shown.flatMap((example) => {
        try {
          return [preview(model, example)];
        } catch {
          // The template refuses this conversation: it stands among the problems.
          return [preview(null, example)];
        }
      }),
      offset: from,
    };
  }

  /** Adds conversations that the model's template refuses to `problems`. */
  private async measure(
    requestId: number,
    model: LanguageModel | null,
    examples: readonly DatasetExample[],
    problems: LineProblem[],
  ): Promise<Pick<DatasetReport, 'lengths' | 'trainedShare' | 'unknownShare' | 'tooLong'> | null> {
    const lengths: number[] = [];
    let [all, trained, unknown, tooLong] = [0, 0, 0, 0];
    const every = Math.max(1, Math.ceil(examples.length / MEASURED));
    let listened = performance.now();
    for (let i = 0; model && i < examples.length; i += every) {
      if (performance.now() - listened > PULSE_MS) {
        await this.letMessagesIn();
        if (this.latest !== requestId) return null;
        listened = performance.now();
      }
      try {
        const { ids, mask } = model.chat.conversation(examples[i].messages);
        lengths.push(ids.length);
        if (ids.length > model.architecture.shape.maxPositions) tooLong++;
        all += ids.length;
        mask.forEach((one, t) => {
          trained += one;
          if (UNKNOWN.has(model.tokenizer.tokenText(ids[t]))) unknown++;
        });
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        problems.push({ line: examples[i].line, message: shorten(words) });
      }
    }
    return {
      lengths: lengths.length > 0 ? summarizeLengths(lengths) : null,
      trainedShare: all > 0 ? trained / all : 0,
      unknownShare: all > 0 ? unknown / all : 0,
      tooLong,
    };
  }
}
