// The keys and what they do.
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { keyMap } from './keyMap';
import { words } from './words';

const noHelp = () => undefined;

export function KeyTable() {
  const w = useScreenWords(words);
  const { t } = useWords();
  return (
    <dl className="key-table">
      {keyMap(noHelp).map(({ keys, label }) => (
        <div key={keys.join(' ')}>
          <dt>
            {keys.map((key, i) => (
              <span key={key}>
                {i > 0 && ` ${w('andThen')} `}
                <kbd>{key === ' ' ? w('space') : key}</kbd>
              </span>
            ))}
          </dt>
          <dd>{'word' in label ? w(label.word) : t(label.screen)}</dd>
        </div>
      ))}
    </dl>
  );
}
