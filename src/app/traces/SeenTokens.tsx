// The exact sequence of tokens of both turns, chat template included, and which of them the loss had as targets.
import { useMemo } from 'react';
import { type SeenToken, seenTokens } from '../../protocol/seenTokens';
import type { TraceChunk } from '../../protocol/trace';
import { useTraceWords } from './columnWords';
import type { TracesWord } from './words';

const partKeys: Record<SeenToken['part'], TracesWord> = {
  prompt: 'seen.prompt',
  0: 'seen.first',
  follow_up: 'seen.followUp',
  1: 'seen.second',
};

const notes: Record<TraceChunk['kind'], TracesWord> = {
  train: 'seen.note',
  eval_greedy: 'seen.note.evaluation',
  eval_sampled: 'seen.note.evaluation',
};

/** Neighbours of one part together. */
function partsOf(tokens: readonly SeenToken[]): SeenToken[][] {
  const parts: SeenToken[][] = [];
  for (const token of tokens) {
    const last = parts.at(-1);
    if (last?.[0].part === token.part) last.push(token);
    else parts.push([token]);
  }
  return parts;
}

export function SeenTokens({ chunk, episode }: { chunk: TraceChunk; episode: number }) {
  const { say, format } = useTraceWords();
  const tokens = useMemo(() => seenTokens(chunk, episode), [chunk, episode]);
  const isUnsaid = tokens?.some(({ trained }) => trained === null);
  const note = chunk.kind === 'train' && chunk.context?.isRearranged ? 'seen.note.rearranged' : notes[chunk.kind];
  return (
    <details className="seen-tokens">
      <summary>{say('seen.title')}</summary>
      {tokens === null ? (
        <p className="note">{say('seen.unknown')}</p>
      ) : (
        <>
          <p className="note">{say(isUnsaid ? 'seen.note.unsaid' : note)}</p>
          <dl>
            {partsOf(tokens).map((part, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the sequence
              <div key={i} className={`seen-part part-${part[0].part}`}>
                <dt>{say(partKeys[part[0].part])}</dt>
                <dd className="model-text" lang="zxx">
                  {part.map((token, j) => (
                    <span
                      // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the sequence
                      key={j}
                      className={token.trained ? 'seen-token trained' : 'seen-token'}
                      title={`#${token.id}${token.trained ? `, ${say('seen.trained')}` : ''}`}
                    >
                      {token.text}
                    </span>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
          {!isUnsaid && (
            <p className="note">
              {say('seen.count', {
                trained: format.number(tokens.filter(({ trained }) => trained).length),
                all: format.number(tokens.length),
              })}
            </p>
          )}
        </>
      )}
    </details>
  );
}
