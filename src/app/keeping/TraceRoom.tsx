// How much room the samples of one run may take, and what happens when it is used.
import { traceRooms } from '../../store/preferences';
import { useScreenWords } from '../i18n/screenWords';
import { usePreferences, useWords } from '../studioContext';
import { words } from './words';

export function TraceRoom() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const [{ traceRoom }, setPreferences] = usePreferences();
  return (
    <div className="trace-room">
      <label>
        <span>{w('room.label')}</span>
        <select
          value={traceRoom ?? ''}
          onChange={({ target }) => setPreferences({ traceRoom: target.value === '' ? null : Number(target.value) })}
        >
          {traceRooms.map((room) => (
            <option key={room ?? 'auto'} value={room ?? ''}>
              {room === null ? w('room.auto') : format.bytes(room * 1e6)}
            </option>
          ))}
        </select>
      </label>
      <p className="note">{w('room.help')}</p>
    </div>
  );
}
