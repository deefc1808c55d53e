// Continuous batching: conversations of several turns share a fixed number of places. One that is over leaves, the next that waits
// takes its place, and one whose answer is finished goes on with its next turn without waiting for the others. What a row writes is a
// function of its own tokens and its own streams alone, so neither the order nor the number of places changes a text.
import { type Decoder, drawTokens, readTokens, type Sampling, TokenWriter, type Turn } from './generate';
import type { CachedRow } from './keyValueCache';

export interface Conversations {
  count: number;
  /** tokens to be read before turn `turns.length` of conversation i; null = the conversation is over */
  next(i: number, turns: readonly Turn[]): Int32Array | null;
  /** the random stream of one answer */
  stream(i: number, turn: number): number;
  sampling: Sampling;
  /** most tokens that one conversation may hold, each turn's text taken as long as the longest of that turn */
  capacity: number;
  /** conversations decoded at once: bounds the memory of the cache */
  places: number;
  /** called about every `BREATH` tokens, so that a worker can take messages */
  breathe?: () => Promise<void>;
}

/** Tokens between two breaths: some tens of milliseconds. */
const BREATH = 2048;
/** Waiting texts are read together: as soon as so many wait, and this share of the places; or when nobody writes. */
const FEW = 16;
const ENOUGH_WAITING = 0.25;

interface Speaker {
  conversation: number;
  row: CachedRow;
  /** finished answers */
  turns: Turn[];
  draft: { tokens: number[]; logProbs: number[]; entropies: number[] };
  /** read before the next token is written */
  unread: Int32Array;
}

const emptyDraft = () => ({ tokens: [], logProbs: [], entropies: [] });

/** Stream and position of every speaker's next draw, [R, 2]. */
function drawKeys(speakers: readonly Speaker[], stream: Conversations['stream']): Int32Array {
  return Int32Array.from({ length: 2 * speakers.length }, (_, k) => {
    const { conversation, turns, draft } = speakers[k >> 1];
    return k % 2 ? draft.tokens.length : stream(conversation, turns.length);
  });
}

/** Everybody reads what is unread and writes one token. Texts are read together; single tokens by the writer. */
async function write(speakers: readonly Speaker[], decoder: Decoder, writer: TokenWriter, all: Conversations) {
  const rows = speakers.map(({ row }) => row);
  const keys = drawKeys(speakers, all.stream);
  const isText = speakers.some(({ draft }) => draft.tokens.length === 0);
  const { ids, logProbs, entropies } = isText
    ? await drawTokens(
        readTokens(
          decoder,
          rows,
          speakers.map(({ unread }) => unread),
        ),
        keys,
        all.sampling,
      )
    : await writer.write(
        rows,
        Int32Array.from(speakers, ({ unread }) => unread[0]),
        keys,
      );
  speakers.forEach(({ draft }, i) => {
    draft.tokens.push(ids[i]);
    draft.logProbs.push(logProbs[i]);
    draft.entropies.push(entropies[i]);
  });
}

/** @returns the turns of every conversation, in their order */
export async function converse(decoder: Decoder, all: Conversations): Promise<Turn[][]> {
  const places = Math.min(all.places, all.count);
  const writer = new TokenWriter(decoder, all.sampling, places);
  try {
    return await converseAt(places, decoder, writer, all);
  } finally {
    writer.dispose();
  }
}

async function converseAt(
  places: number,
  decoder: Decoder,
  writer: TokenWriter,
  all: Conversations,
): Promise<Turn[][]> {
  const { cache, model } = decoder;
  cache.reset(places, all.capacity);
  const result: Turn[][] = Array.from({ length: all.count }, () => []);
  let waiting: Speaker[] = [];
  let writing: Speaker[] = [];
  let begun = 0;
  let written = 0;

  /** Gives a free slot to the conversations that wait outside. */
  const admit = (row: CachedRow) => {
    while (begun < all.count) {
      const conversation = begun++;
      const unread = all.next(conversation, []);
      if (!unread) continue;
      waiting.push({ conversation, row, turns: result[conversation], draft: emptyDraft(), unread });
      return;
    }
  };
  for (let i = 0; i < places; i++) admit({ past: [], own: cache.allocate() });

  /** Ends answers that are finished; their conversations go on, or make room. */
  const finish = (speaker: Speaker): boolean => {
    const { tokens, logProbs, entropies } = speaker.draft;
    const last = tokens[tokens.length - 1];
    const ended = last === model.chat.endId;
    if (!ended && tokens.length < all.sampling.maxTokens) return false;
    speaker.turns.push({
      tokens: Int32Array.from(tokens),
      logProbs: Float32Array.from(logProbs),
      entropies: Float32Array.from(entropies),
      finish: ended ? 'end' : 'length',
    });
    const next = all.next(speaker.conversation, speaker.turns);
    if (next) {
      // The end token opens the next turn's text; the last token of a cut answer has not been read yet.
      const unread = ended ? next : Int32Array.of(last, ...next);
      waiting.push({ ...speaker, draft: emptyDraft(), unread });
    } else {
      admit({ past: [], own: { slot: speaker.row.own.slot, length: 0 } });
    }
    return true;
  };

  while (writing.length + waiting.length > 0) {
    const enough = Math.max(FEW, ENOUGH_WAITING * places);
    const entering = waiting.length >= enough || writing.length === 0 ? waiting : [];
    if (entering.length > 0) waiting = [];
    // Texts of the same turn are about equally long: read together, they need the least padding. Then single tokens.
    const turns = [...new Set(entering.map((speaker) => speaker.turns.length))];
    const groups = turns.map((turn) => entering.filter((speaker) => speaker.turns.length === turn));
    for (const group of writing.length > 0 ? [...groups, writing] : groups) {
      await write(group, decoder, writer, all);
      written += group.length;
    }
    writing = [...writing, ...entering].filter((speaker) => !finish(speaker));
    for (const speaker of writing)
      speaker.unread = Int32Array.of(speaker.draft.tokens[speaker.draft.tokens.length - 1]);
    if (written >= BREATH) {
      written = 0;
      await all.breathe?.();
    }
  }
  return result;
}
