// A conversation with the loaded model, and with a run's beside it.
import { RefreshCw, Repeat2, Send, Square } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { isChatting } from '../../store/chatSlice';
import { isModelReady } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { hrefOf } from '../place';
import { useStudio, useStudioState } from '../studioContext';
import { ChatLog } from './ChatLog';
import { ChatSettingsForm } from './ChatSettingsForm';
import { words } from './words';
import './chat.css';

function Composer({ isBusy, hasTurns }: { isBusy: boolean; hasTurns: boolean }) {
  const w = useScreenWords(words);
  const studio = useStudio();
  const isReady = useStudioState(isModelReady);
  const [text, setText] = useState('');
  const canSend = isReady && !isBusy && text.trim() !== '';
  const send = () => {
    if (!canSend) return;
    studio.chat.ask(text);
    setText('');
  };
  const press = (event: KeyboardEvent) => {
    // A syllable that is being composed (Korean, Japanese) ends with Enter, too.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="chat-say"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        aria-label={w('say.label')}
        placeholder={w('say.placeholder')}
        rows={3}
        maxLength={50_000}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={press}
      />
      <div className="actions">
        {isBusy ? (
          <button type="button" className="primary" onClick={studio.chat.stop}>
            <Square size={16} aria-hidden="true" />
            {w('say.stop')}
          </button>
        ) : (
          <button type="submit" className="primary" disabled={!canSend}>
            <Send size={16} aria-hidden="true" />
            {w('say.send')}
          </button>
        )}
        {hasTurns && (
          <>
            <button type="button" disabled={isBusy} title={w('say.tryAgainHelp')} onClick={studio.chat.tryAgain}>
              <Repeat2 size={16} aria-hidden="true" />
              {w('say.tryAgain')}
            </button>
            <button type="button" className="quiet" disabled={isBusy} onClick={studio.chat.regenerate}>
              <RefreshCw size={16} aria-hidden="true" />
              {w('say.regenerate')}
            </button>
            <button type="button" className="quiet" disabled={isBusy} onClick={studio.chat.clear}>
              {w('say.clear')}
            </button>
          </>
        )}
      </div>
    </form>
  );
}

export function ChatPanel() {
  const w = useScreenWords(words);
  const turns = useStudioState((state) => state.chat.turns);
  const isBusy = useStudioState((state) => isChatting(state.chat));
  const isReady = useStudioState(isModelReady);
  const isBundled = useStudioState((state) => state.model.source === 'bundled');
  const end = useRef<HTMLDivElement>(null);
  const count = turns.length;
  useEffect(() => {
    if (count > 1) end.current?.scrollIntoView({ block: 'nearest' });
  }, [count]);
  return (
    <div className="playground-grid">
      <ChatSettingsForm />
      <section className="chat" aria-label={w('log.title')}>
        {isBundled && <p className="note">{w('log.bundled')}</p>}
        {!isReady && (
          <p className="needs-you">
            {w('log.noModel')} <a href={hrefOf('models')}>{w('log.models')}</a>
          </p>
        )}
        {turns.length === 0 ? <p className="note">{w('log.empty')}</p> : <ChatLog turns={turns} isBusy={isBusy} />}
        <Composer isBusy={isBusy} hasTurns={turns.length > 0} />
        <div ref={end} />
      </section>
    </div>
  );
}
