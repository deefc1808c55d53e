// What was said and answered, line by line. What a person said can be said differently: the conversation goes on from there.
import { Pencil } from 'lucide-react';
import { type FormEvent, memo, useState } from 'react';
import type { ChatTurn } from '../../store/chatSlice';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio } from '../studioContext';
import { ChatAnswerView } from './ChatAnswerView';
import { words } from './words';

function EditLine({ turn, onDone }: { turn: ChatTurn; onDone(): void }) {
  const w = useScreenWords(words);
  const studio = useStudio();
  const [text, setText] = useState(turn.said);
  const say = (event: FormEvent) => {
    event.preventDefault();
    studio.chat.edit(turn.id, text);
    onDone();
  };
  return (
    <form className="chat-edit" onSubmit={say}>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
        autoFocus
        aria-label={w('say.label')}
        rows={Math.min(8, text.split('\n').length + 1)}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <div className="actions">
        <button type="submit" disabled={text.trim() === ''}>
          {w('edit.save')}
        </button>
        <button type="button" className="quiet" onClick={onDone}>
          {w('edit.cancel')}
        </button>
        <span className="note">{w('edit.note')}</span>
      </div>
    </form>
  );
}

interface TurnViewProps {
  turn: ChatTurn;
  isBusy: boolean;
}

const TurnView = memo(function TurnView({ turn, isBusy }: TurnViewProps) {
  const w = useScreenWords(words);
  const [isEditing, setIsEditing] = useState(false);
  return (
    <li className="chat-turn">
      <div className="chat-said">
        <h4>{w('you')}</h4>
        {isEditing ? (
          <EditLine turn={turn} onDone={() => setIsEditing(false)} />
        ) : (
          <>
            <p className="chat-text" dir="auto">
              {turn.said}
            </p>
            <button
              type="button"
              className="quiet"
              disabled={isBusy}
              aria-label={w('edit.name', { text: turn.said.slice(0, 60) })}
              onClick={() => setIsEditing(true)}
            >
              <Pencil size={16} aria-hidden="true" />
              {w('edit')}
            </button>
          </>
        )}
      </div>
      <div className={turn.trained ? 'chat-answers two' : 'chat-answers'}>
        <ChatAnswerView answer={turn.base} title={w('base')} turnId={turn.id} side="base" />
        {turn.trained && <ChatAnswerView answer={turn.trained} title={w('trained')} turnId={turn.id} side="trained" />}
      </div>
    </li>
  );
});

export function ChatLog({ turns, isBusy }: { turns: readonly ChatTurn[]; isBusy: boolean }) {
  const w = useScreenWords(words);
  return (
    <ol className="chat-log" aria-label={w('log.title')}>
      {turns.map((turn) => (
        <TurnView key={turn.id} turn={turn} isBusy={isBusy} />
      ))}
    </ol>
  );
}
