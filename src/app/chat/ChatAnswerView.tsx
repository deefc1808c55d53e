// One model's answer as it is written, then how fast it came, why it ended, its tokens, and the way to keep it.
import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { type ChatAnswer, linesOf } from '../../store/chatSlice';
import type { SideName } from '../../store/playgroundSlice';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useWords } from '../studioContext';
import { WrittenTokens } from './WrittenTokens';
import { words } from './words';

interface SaveProps {
  /** Of the turn it belongs to. */
  turnId: number;
  side: SideName;
}

function SaveConversation({ turnId, side }: SaveProps) {
  const w = useScreenWords(words);
  const studio = useStudio();
  const [outcome, setOutcome] = useState<{ error: string | null } | null>(null);
  const save = async () => {
    const { turns, settings, runId } = studio.store.getState().chat;
    const upTo = turns.slice(0, turns.findIndex(({ id }) => id === turnId) + 1);
    try {
      await studio.examples.saveLines(linesOf(upTo, side, settings.system), side === 'base' ? null : runId);
      setOutcome({ error: null });
    } catch (error) {
      setOutcome({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  const isSaved = outcome?.error === null;
  return (
    <>
      <button type="button" className="quiet" disabled={isSaved} onClick={() => void save()}>
        <Bookmark size={16} aria-hidden="true" />
        {w('answer.save')}
      </button>
      <span className={isSaved ? 'note' : 'needs-you'} role="status">
        {outcome && (isSaved ? w('answer.saved') : `${w('answer.saveFailed')} ${outcome.error}`)}
      </span>
    </>
  );
}

interface ChatAnswerViewProps extends SaveProps {
  answer: ChatAnswer;
  title: string;
}

export function ChatAnswerView({ answer, title, turnId, side }: ChatAnswerViewProps) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { status, text, finish, tokens, tokensPerSecond, promptTokens, promptSeconds } = answer;
  return (
    <section className={`chat-answer ${side}`} aria-label={title} aria-busy={status === 'writing'}>
      <h4>{title}</h4>
      {status === 'waiting' && <p className="note">{w('answer.waiting')}</p>}
      {status === 'writing' && text === '' && <p className="note">{w('answer.reading')}</p>}
      {text !== '' && (
        <p className="chat-text" lang="zxx" dir="auto">
          {text}
        </p>
      )}
      {status === 'failed' && (
        <p className="needs-you">
          {w('answer.failed')} <span lang="en">{answer.error?.message}</span>
        </p>
      )}
      {status === 'finished' && (
        <>
          {finish === 'length' && <p className="needs-you">{w('answer.length')}</p>}
          {finish === 'stopped' && <p className="note">{w('answer.stopped')}</p>}
          {tokensPerSecond !== null && promptTokens !== null && promptSeconds !== null && (
            <p className="note">
              {w('answer.rate', {
                rate: format.number(tokensPerSecond, tokensPerSecond < 10 ? 1 : 0),
                n: format.number(tokens.length),
                read: format.number(promptTokens),
                time: format.number(promptSeconds, promptSeconds < 10 ? 2 : 0),
              })}
            </p>
          )}
          <div className="actions">
            <SaveConversation key={answer.requestId} turnId={turnId} side={side} />
          </div>
          {tokens.length > 0 && <WrittenTokens tokens={tokens} />}
        </>
      )}
    </section>
  );
}
