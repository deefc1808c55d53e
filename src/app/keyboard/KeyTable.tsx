// The keys and what they do.
import { useScreenWords } from '../i18n/screenWords';
import { keyMap } from './keyMap';
import { words } from './words';

const noHelp = () => undefined;

export function KeyTable() {
  const w = useScreenWords(words);
  return (
    <dl className="key-table">
      {keyMap(noHelp).map(({ keys, label }) => (
        <div key={label}>
          <dt>
            {keys.map((key, i) => (
              <span key={key}>
                {i > 0 && ` ${w('andThen')} `}
                <kbd>{key === ' ' ? w('space') : key}</kbd>
              </span>
            ))}
          </dt>
          <dd>{w(label)}</dd>
        </div>
      ))}
    </dl>
  );
}
